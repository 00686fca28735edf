import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { oneOf } from "../../base/queryState";
import { age, duration, now } from "../../base/time";
import { counted } from "../../base/text";
import { Endless } from "../../widgets/endless";
import { ALL, FILTER, FilterBar } from "../../widgets/filters";
import { PageHead } from "../../widgets/head";
import { useLines } from "../../widgets/lines";
import { useLive } from "../../widgets/live";
import { ResultMark, ResultStrip } from "../../widgets/marks";
import { Empty, Problem, Skeleton } from "../../widgets/problem";
import { Progress } from "../../widgets/progress";
import { useQueryState } from "../../widgets/query";
import { Age } from "../../widgets/times";
import { linesOf, matches, ORDERS, sorted, tagsOf, type Line, type Order } from "./model";
import { QUERIES } from "./queries";
import { Spark } from "./spark";
import "./page.css";

/** Lines that are drawn at first, and more whenever one comes near their end. */
const DRAWN = 60;

const { text, tag, results } = FILTER;
const CHOICES = { text, tag, results, sort: oneOf(...ORDERS) } as const;

export default function BuildersPage() {
    const { builders, offline, waiting, masters } = useLive(QUERIES);
    const lines = useComputed(() =>
        linesOf({
            builders: builders.rows.value,
            offline: offline.rows.value,
            waiting: waiting.rows.value,
            masters: masters.rows.value,
        }),
    );
    const more = builders.more.value;
    // All of them are sorted, so all are needed.
    useEffect(() => {
        if (more) void builders.loadMore().catch(() => undefined);
    }, [more, builders, builders.rows.value]);

    const error = builders.error.value;
    switch (builders.state.value) {
        case "ready":
            return <Builders lines={lines.value} />;
        case "failed":
        case "loading":
            return (
                <>
                    <PageHead title="Builders" />
                    {error ? <Problem error={error} /> : <Skeleton lines={10} />}
                </>
            );
    }
}

function Builders({ lines }: { lines: readonly Line[] }) {
    const [choice, choose] = useQueryState(CHOICES);
    const order = choice.sort;
    const found = useMemo(
        () =>
            sorted(
                lines.filter((line) => matches(line, choice)),
                order,
            ),
        [lines, choice, order],
    );
    const tags = useMemo(() => tagsOf(lines), [lines]);
    // One function for ever, or all lines would be drawn anew whenever something is chosen.
    const chosen = useRef(choice.tag);
    useLayoutEffect(() => {
        chosen.current = choice.tag;
    });
    const chooseTag = useCallback((tag: string) => choose({ tag: [...new Set([...chosen.current, tag])] }), [choose]);
    const broken = lines.filter((line) => line.broken).length;
    return (
        <>
            <PageHead
                title="Builders"
                status={broken > 0 ? "failure" : "success"}
                below={
                    broken > 0
                        ? `${broken} of ${lines.length} broken`
                        : `${counted(lines.length, "builder")}, none broken`
                }
            />
            <FilterBar filter={choice} set={choose} tags={tags} results placeholder="Filter by name or tag">
                {found.length < lines.length && `${found.length} of ${counted(lines.length, "builder")}`}
            </FilterBar>
            {found.length > 0 && <SortChoice order={order} sort={(sort) => choose({ sort })} />}
            {found.length > 0 ? (
                <Table lines={found} order={order} sort={(sort) => choose({ sort })} tag={chooseTag} />
            ) : lines.length > 0 ? (
                <Empty title="No builder is like that">
                    <button type="button" class="button" onClick={() => choose(ALL)}>
                        Show all {lines.length}
                    </button>
                </Empty>
            ) : (
                <Empty title="No master that uses this database runs a builder">
                    They appear here as soon as one starts that has some in its configuration.
                </Empty>
            )}
        </>
    );
}

interface Sorting {
    readonly order: Order;
    readonly sort: (order: Order) => void;
}

function Table({ lines, tag, ...sorting }: { lines: readonly Line[]; tag: (tag: string) => void } & Sorting) {
    const [drawn, draw] = useState(DRAWN);
    const body = useRef<HTMLTableSectionElement>(null);
    useLines(body, "builder");
    return (
        <>
            {/* Roles are said, because on a phone the lines are no table to the browser. */}
            <table class="table builders" role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        <Head by="name" {...sorting}>
                            Builder
                        </Head>
                        <Head by="failing" {...sorting}>
                            Last builds
                        </Head>
                        <Head by="last" {...sorting}>
                            Last
                        </Head>
                        <th role="columnheader">State</th>
                        <Head by="queue" {...sorting}>
                            Queue
                        </Head>
                        <Head by="duration" {...sorting}>
                            Duration
                        </Head>
                    </tr>
                </thead>
                <tbody role="rowgroup" ref={body}>
                    {lines.slice(0, drawn).map((line) => (
                        <Row key={line.id} line={line} tag={tag} />
                    ))}
                </tbody>
            </table>
            <Endless more={drawn < lines.length} load={() => draw(drawn + DRAWN)} />
        </>
    );
}

/** In place of the heads of columns, where there are none. */
function SortChoice({ order, sort }: Sorting) {
    return (
        <label class="builders-sort quiet small">
            {"Sorted by "}
            <select value={order} onChange={({ currentTarget: { value } }) => sort(value as Order)}>
                {ORDERS.map((each) => (
                    <option key={each} value={each}>
                        {CHOSEN[each]}
                    </option>
                ))}
            </select>
        </label>
    );
}

const CHOSEN: Readonly<Record<Order, string>> = {
    name: "name",
    failing: "failing first",
    last: "last build",
    queue: "queue",
    duration: "duration",
};

function Head({ by, order, sort, children }: Sorting & { by: Order; children: ComponentChildren }) {
    const sorted = by === order;
    return (
        <th
            role="columnheader"
            class={by}
            aria-sort={sorted ? (by === "name" ? "ascending" : "descending") : undefined}
        >
            <button type="button" onClick={() => sort(by)} title={TITLES[by]}>
                {children}
                <span aria-hidden="true">{sorted ? (by === "name" ? " ▲" : " ▼") : ""}</span>
            </button>
        </th>
    );
}

const TITLES: Readonly<Record<Order, string>> = {
    name: "Sort by name",
    failing: "Sort failing ones first",
    last: "Sort by when the last build ended",
    queue: "Sort by how many requests wait",
    duration: "Sort by how long a good build takes",
};

interface RowProps {
    readonly line: Line;
    readonly tag: (tag: string) => void;
}

/** Drawn anew only where its builder's line is another one: much may happen elsewhere. */
function Row({ line, tag }: RowProps) {
    return useMemo(() => <DrawnRow line={line} tag={tag} />, [line, tag]);
}

function DrawnRow({ line, tag }: RowProps) {
    const { id, name, tags, status, broken, builds, last, waiting, oldest, usual, durations } = line;
    return (
        <tr role="row" class={broken ? `broken status-${status}` : ""}>
            <td role="cell" class="name">
                <ResultMark status={status} word={status === "pending" ? "not built yet" : status} />
                <a href={`builders/${id}`} data-line>
                    <bdi>{name}</bdi>
                </a>
                {tags.map((each) => (
                    <button
                        key={each}
                        type="button"
                        class="tag"
                        onClick={() => tag(each)}
                        title={`Only those with the tag ${each}`}
                    >
                        {each}
                    </button>
                ))}
            </td>
            <td role="cell" class="results">
                {builds.length > 0 ? (
                    <ResultStrip
                        label={`Last builds of ${name}`}
                        builds={builds.map(({ number, results }) => ({
                            number,
                            results,
                            href: `builders/${id}/builds/${number}`,
                        }))}
                    />
                ) : (
                    <span class="quiet">not built yet</span>
                )}
            </td>
            <td role="cell" class="last">
                {last && (
                    <>
                        <a href={`builders/${id}/builds/${last.number}`}>#{last.number}</a>{" "}
                        <span class="quiet">
                            <Age at={last.complete_at ?? last.started_at} />
                        </span>
                    </>
                )}
            </td>
            <td role="cell" class="state">
                <State line={line} />
            </td>
            <td role="cell" class="queue">
                {oldest !== undefined && (
                    <span title={`The oldest came ${age(oldest, now.peek())}`}>
                        {waiting} <span class="quiet">waiting</span>
                    </span>
                )}
            </td>
            <td role="cell" class="duration">
                <Spark durations={durations} />
                <span class="usual" title="Mean of the last good builds">
                    {usual !== undefined && duration(usual)}
                </span>
            </td>
        </tr>
    );
}

function State({ line: { id, name, state, running, usual } }: { line: Line }) {
    const [build, ...others] = running;
    if (!build)
        return (
            <span class={state === "offline" ? "offline" : "quiet"}>{state === "offline" ? "no worker" : "idle"}</span>
        );
    return (
        <>
            <a href={`builders/${id}/builds/${build.number}`}>#{build.number}</a>{" "}
            <Progress
                from={build.started_at}
                to={usual === undefined ? undefined : build.started_at + usual}
                what={`${name} #${build.number}`}
            />
            {others.length > 0 && (
                <>
                    {" "}
                    <span class="quiet">and {others.length} more</span>
                </>
            )}
        </>
    );
}
