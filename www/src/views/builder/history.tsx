/** The builder's builds, the newest first, without an end. */
import { useMemo, useRef } from "preact/hooks";
import { codeOf } from "../../base/results";
import { digits } from "../../base/text";
import { Endless } from "../../widgets/endless";
import { useLines } from "../../widgets/lines";
import type { LiveList } from "../../widgets/live";
import { Badge } from "../../widgets/marks";
import { Empty, Problem, Skeleton } from "../../widgets/problem";
import { Age, Duration } from "../../widgets/times";
import { historyLine, type HistoryLine } from "./model";
import { ChangeLink, Sources } from "./parts";
import type { HistoryRow } from "./queries";

/** Statuses of what has ended. */
export const ENDED = ["failure", "exception", "warnings", "success", "cancelled", "retry", "skipped"] as const;

type Ended = (typeof ENDED)[number];

export function History({
    id,
    history,
    alive,
    chosen,
    choose,
}: {
    id: number;
    history: LiveList<HistoryRow>;
    alive: ReadonlySet<number>;
    /** Statuses; none: all. */
    chosen: readonly Ended[];
    choose: (chosen: readonly Ended[]) => void;
}) {
    const body = useRef<HTMLTableSectionElement>(null);
    useLines(body, "build");
    const rows = history.rows.value;
    const state = history.state.value;
    const total = history.total.value;
    const error = history.error.value;
    const only = (statuses: readonly Ended[]) => statuses.join() === chosen.join();
    return (
        <section class="history">
            <h2>
                Builds <span class="quiet">{state === "ready" && digits(total)}</span>
            </h2>
            <div class="choices" role="group" aria-label="Which builds">
                <button type="button" class="button" aria-pressed={only([])} onClick={() => choose([])}>
                    All
                </button>
                <button
                    type="button"
                    class="button"
                    aria-pressed={only(["exception", "failure"])}
                    onClick={() => choose(["exception", "failure"])}
                >
                    Failed
                </button>
                {ENDED.filter((status) => chosen.includes(status) && !only(["exception", "failure"])).map((status) => (
                    <button
                        key={status}
                        type="button"
                        class="button"
                        aria-pressed
                        onClick={() => choose(chosen.filter((each) => each !== status))}
                    >
                        {status}
                    </button>
                ))}
            </div>
            {state === "failed" && error ? (
                <Problem error={error} />
            ) : state === "loading" ? (
                <Skeleton lines={6} />
            ) : rows.length === 0 ? (
                <Empty title={chosen.length > 0 ? "No build ended so" : "It was never built"}>
                    {chosen.length > 0 ? (
                        <button type="button" class="button" onClick={() => choose([])}>
                            Show all
                        </button>
                    ) : (
                        "Its first build appears here as soon as it starts: a change, a timer or somebody has to ask for it."
                    )}
                </Empty>
            ) : (
                <table class="table" role="table">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader">Build</th>
                            <th role="columnheader">Result</th>
                            <th role="columnheader">Source</th>
                            <th role="columnheader">Change</th>
                            <th role="columnheader">Worker</th>
                            <th role="columnheader" class="number">
                                Duration
                            </th>
                            <th role="columnheader" class="number">
                                Began
                            </th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup" ref={body}>
                        {rows.map((row) => (
                            <Row key={row.buildid} builder={id} row={row} alive={alive} />
                        ))}
                    </tbody>
                </table>
            )}
            <Endless more={state === "ready" && history.more.value} load={() => history.loadMore()}>
                Older builds
            </Endless>
        </section>
    );
}

/** The codes of statuses, for the API. */
export function codesOf(statuses: readonly Ended[]): number[] {
    return statuses.flatMap((status) => codeOf(status) ?? []);
}

/** Drawn anew only where its build is another: there may be thousands. */
function Row({ builder, row, alive }: { builder: number; row: HistoryRow; alive: ReadonlySet<number> }) {
    return useMemo(() => <DrawnRow builder={builder} {...historyLine(row, alive)} />, [builder, row, alive]);
}

function DrawnRow({
    builder,
    number,
    status,
    lost,
    text,
    from,
    to,
    worker,
    sources,
    change,
}: HistoryLine & { builder: number }) {
    return (
        <tr role="row">
            <td role="cell">
                <a href={`builders/${builder}/builds/${number}`} data-line>
                    #{number}
                </a>
            </td>
            <td role="cell" class="text">
                <Badge status={status}>
                    <bdi>{text}</bdi>
                </Badge>
            </td>
            <td role="cell">
                <Sources sources={sources} />
            </td>
            <td role="cell" class="by">
                {change && (
                    <>
                        <bdi>{change.person}</bdi>: <ChangeLink change={change} />
                    </>
                )}
            </td>
            <td role="cell" class="worker">
                <bdi>{worker}</bdi>
            </td>
            <td role="cell" class="number">
                {!lost && <Duration from={from} to={to} />}
            </td>
            <td role="cell" class="number">
                <Age at={from} />
            </td>
        </tr>
    );
}
