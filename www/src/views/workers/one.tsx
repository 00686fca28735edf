/** One worker: what it is and does, and what it has built. */
import { useRef } from "preact/hooks";
import { statusOf } from "../../base/results";
import { digits } from "../../base/text";
import { Endless } from "../../widgets/endless";
import { PageHead } from "../../widgets/head";
import { useLines } from "../../widgets/lines";
import { useLive, type LiveList } from "../../widgets/live";
import { Badge } from "../../widgets/marks";
import { Problem, Skeleton, type Failure } from "../../widgets/problem";
import { StockLink } from "../../widgets/site";
import { Age, Duration } from "../../widgets/times";
import { workersOf } from "./model";
import { RunningBuilds, State } from "./parts";
import { queriesOf, type HistoryRow } from "./queries";

export function NoWorker({ name, error }: { name: string; error: Failure }) {
    return (
        <>
            <PageHead title={name} />
            <Problem error={error}>
                <a href="workers">All workers</a>
            </Problem>
        </>
    );
}

export function OneWorker({ name }: { name: string }) {
    const { worker, running, masters, builders, history } = useLive(queriesOf(name));
    const [found] = workersOf(worker.rows.value, running.rows.value, masters.rows.value);
    const error = worker.error.value;
    if (!found) {
        if (error) return <NoWorker name={name} error={error} />;
        return (
            <>
                <PageHead title={name} />
                <Skeleton />
            </>
        );
    }
    return (
        <>
            <PageHead title={found.name} below={<State worker={found} />}>
                <StockLink to={`workers/${found.id}`}>Pause or stop in Buildbot</StockLink>
            </PageHead>
            <div class="worker-running">
                <RunningBuilds builds={found.running} />
            </div>
            <dl>
                {found.info.map(([key, value]) => (
                    <>
                        <dt>
                            <bdi>{key}</bdi>
                        </dt>
                        <dd>
                            <bdi>{value}</bdi>
                        </dd>
                    </>
                ))}
                <dt>builds for</dt>
                <dd class="worker-builders">
                    {builders.rows.value.length === 0 &&
                        (found.builders === undefined ? "nobody knows while no master runs" : "no builder")}
                    {builders.rows.value.map(({ builderid, name }) => (
                        <a key={builderid} href={`builders/${builderid}`}>
                            <bdi>{name}</bdi>
                        </a>
                    ))}
                </dd>
            </dl>
            <h2>
                Has built <span class="quiet">{digits(history.total.value)}</span>
            </h2>
            <History history={history} />
        </>
    );
}

function History({ history }: { history: LiveList<HistoryRow> }) {
    const list = useRef<HTMLUListElement>(null);
    useLines(list, "build");
    const rows = history.rows.value;
    if (history.state.value === "ready" && rows.length === 0) return <p class="quiet">Nothing yet.</p>;
    return (
        <>
            <ul class="lines workers" ref={list}>
                {rows.map(({ buildid, builderid, number, builder, results, state_string, started_at, complete_at }) => (
                    <li key={buildid}>
                        <a class="name" href={`builders/${builderid}/builds/${number}`} data-line>
                            <bdi>{builder?.name ?? `builder ${builderid}`}</bdi> #{number}
                        </a>
                        <Badge status={statusOf(results)}>
                            <bdi>{state_string}</bdi>
                        </Badge>
                        <span class="quiet facts">
                            <Duration from={started_at} to={complete_at} />, <Age at={complete_at ?? started_at} />
                        </span>
                    </li>
                ))}
            </ul>
            <Endless more={history.more.value} load={() => history.loadMore()}>
                Older builds
            </Endless>
        </>
    );
}
