/** One test, in all builds that have a result of it. */
import { useMemo, useState } from "preact/hooks";
import { counted, cutText } from "../../base/text";
import { clockTime, minute } from "../../base/time";
import { Endless } from "../../widgets/endless";
import { Ends } from "../../widgets/ends";
import { PageHead } from "../../widgets/head";
import { useLive } from "../../widgets/live";
import { Badge, goAlong } from "../../widgets/marks";
import { Empty, Skeleton } from "../../widgets/problem";
import { Age } from "../../widgets/times";
import { flakiness, isTold, placeOf, STATUS_OF, streakOf, testDuration, valueOf } from "./model";
import { buildHref, testsHref, Trouble } from "./parts";
import { builderOf, RUNS, runsOf } from "./queries";
import { runsFrom, type Run } from "./runs";

export function OneTest({ builder, name }: { builder: string; name: string }) {
    const [limit, setLimit] = useState<number>(RUNS.step);
    const lists = useLive({ builder: builderOf(builder), runs: runsOf(builder, name, limit) });
    // What is there stays until there is more.
    const [shown, setShown] = useState(lists.runs);
    if (shown !== lists.runs && lists.runs.state.value !== "loading") setShown(lists.runs);
    const found = shown.rows.value;
    const runs = useMemo(() => runsFrom(found), [found]);
    const [row] = lists.builder.rows.value;
    const error = lists.builder.error.value ?? shown.error.value;
    if (!row || shown.state.value !== "ready") {
        return (
            <>
                <PageHead title={cutText(name)} />
                {error ? <Trouble error={error} builder={builder} /> : <Skeleton lines={8} />}
            </>
        );
    }
    const id = row.builderid;
    const judged = runs.filter(isTold);
    const flaky = flakiness(runs);
    const newest = judged[0]?.outcome;
    return (
        <div class="one-test">
            <PageHead
                title={cutText(name)}
                {...(newest ? { status: STATUS_OF[newest] } : {})}
                below={
                    <>
                        A test of{" "}
                        <a href={`builders/${id}`}>
                            <bdi>{row.name}</bdi>
                        </a>
                        {flaky && (
                            <>
                                {" · "}
                                <span class="tag">flaky</span> It {flaky}.
                            </>
                        )}
                    </>
                }
            >
                <a class="button" href={testsHref(id)}>
                    All tests
                </a>
            </PageHead>
            {cutText(name) !== name && (
                <div class="whole-name code" role="region" aria-label="The whole name" tabIndex={0}>
                    {name}
                </div>
            )}
            {runs.length === 0 ? (
                <Empty title="There is no result of it">
                    This builder never had a test of this name, or its results were deleted.
                </Empty>
            ) : (
                <>
                    <Present id={id} runs={judged} />
                    <Chart id={id} runs={runs} />
                    <Runs id={id} runs={runs} />
                    <Endless
                        more={limit < RUNS.most && found.some(({ results }) => results.length >= limit)}
                        load={() => setLimit(limit + RUNS.step)}
                    >
                        Older runs
                    </Endless>
                </>
            )}
        </div>
    );
}

function Present({ id, runs }: { id: number; runs: readonly Run[] }) {
    const { failing, first, before } = streakOf(runs);
    const [newest] = runs;
    if (!first || !newest) return null;
    const failures = runs.filter(({ outcome }) => outcome === "failed");
    return (
        <dl>
            <dt>{failing ? "Fails since" : "Passes since"}</dt>
            <dd>
                <BuildOf id={id} run={first} />
                {before === undefined && ", the oldest that is loaded"}
            </dd>
            {before && (
                <>
                    <dt>{failing ? "Passed last in" : "Failed last in"}</dt>
                    <dd>
                        <BuildOf id={id} run={before} />
                    </dd>
                </>
            )}
            {failing && before && first.revision && before.revision && first.revision !== before.revision && (
                <>
                    <dt>So broken by</dt>
                    <dd>
                        what came after <code>{before.revision}</code>, up to <code>{first.revision}</code>:{" "}
                        <a href={buildHref(id, first.number)}>the changes of #{first.number}</a>
                    </dd>
                </>
            )}
            <dt>In all</dt>
            <dd>
                failed in {failures.length} of {counted(runs.length, "run")}
            </dd>
        </dl>
    );
}

function BuildOf({ id, run: { number, revision, at } }: { id: number; run: Run }) {
    return (
        <>
            <a href={buildHref(id, number)}>#{number}</a>
            {revision && (
                <>
                    {" "}
                    <code>{revision}</code>
                </>
            )}{" "}
            <span class="quiet">
                <Age at={at} />
            </span>
        </>
    );
}

/** Runs that can be told apart in a drawing. */
const BARS = 120;

/** Oldest first. Those that failed reach into a lane of their own. */
function Chart({ id, runs }: { id: number; runs: readonly Run[] }) {
    const [pointed, point] = useState<Run>();
    const shown = runs.slice(0, BARS).reverse();
    const longest = Math.max(0, ...shown.map(({ ns }) => ns ?? 0));
    const hasTimes = longest > 0;
    const [oldest, newest] = [shown[0], shown.at(-1)];
    const present = minute.peek();
    return (
        <figure class={`test-chart${hasTimes ? "" : " flat"}`} style={{ "--runs": shown.length }}>
            <figcaption>
                <h2>{hasTimes ? "Results and durations" : "Results"}</h2>
                <span class="quiet" aria-live="polite">
                    {pointed ? wordsOf(pointed) : hasTimes ? `up to ${testDuration(longest)}` : ""}
                </span>
            </figcaption>
            <div
                class="runs-drawn"
                role="group"
                aria-label={`The last ${counted(shown.length, "run")}`}
                onKeyDown={goAlong}
            >
                {shown.map((run, index) => (
                    <a
                        key={run.id}
                        class={`run status-${run.status}`}
                        href={buildHref(id, run.number)}
                        aria-label={wordsOf(run)}
                        tabIndex={index === shown.length - 1 ? 0 : -1}
                        onPointerEnter={() => point(run)}
                        onPointerLeave={() => point(undefined)}
                        onFocus={() => point(run)}
                        onBlur={() => point(undefined)}
                    >
                        <span class="failed" />
                        <span
                            class="time"
                            style={{ blockSize: `${hasTimes ? (100 * (run.ns ?? 0)) / longest : 100}%` }}
                        />
                    </a>
                ))}
            </div>
            {oldest && newest && <Ends from={clockTime(oldest.at, present)} to={clockTime(newest.at, present)} />}
        </figure>
    );
}

function wordsOf({ number, outcome, ns, revision }: Run): string {
    return [`#${number}`, outcome, ns === null ? "" : testDuration(ns), revision].filter(Boolean).join(", ");
}

function Runs({ id, runs }: { id: number; runs: readonly Run[] }) {
    return (
        <section>
            <h2>
                Runs <span class="quiet">{runs.length}</span>
            </h2>
            <ul class="lines runs">
                {runs.map((run) => (
                    <li key={run.id}>
                        <Badge status={run.status}>{run.outcome}</Badge>
                        <span class="of">
                            <BuildOf id={id} run={run} />
                        </span>
                        {run.ns !== null && <span>{testDuration(run.ns)}</span>}
                        <bdi class="quiet">
                            {[placeOf(run.result), valueOf(run.set, run.result)].filter(Boolean).join(" ")}
                        </bdi>
                    </li>
                ))}
            </ul>
        </section>
    );
}
