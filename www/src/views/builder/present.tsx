/** What the builder does now: what is broken, what runs, what waits, and who builds. */
import { counted } from "../../base/text";
import { ResultMark } from "../../widgets/marks";
import { Progress } from "../../widgets/progress";
import { Age } from "../../widgets/times";
import { hindrance, sourcesOf, suspectsOf, type Running } from "./model";
import type { BuilderRow, WaitingRow, WorkerRow } from "./queries";
import { BuildLink, ChangeLink, Sources } from "./parts";

export function BrokenSince({ builder }: { builder: BuilderRow }) {
    const { builderid: id, first_failed_build: first, last_good_build: good, last_finished_build: last } = builder;
    if (!first) return null;
    const suspects = suspectsOf(builder);
    const bad = (last?.number ?? first.number) - first.number + 1;
    return (
        <section class="broken-since" aria-label="Broken">
            <p>
                <strong>
                    Broken since <BuildLink id={id} number={first.number} />
                </strong>
                {first.complete_at !== null && (
                    <>
                        , <Age at={first.complete_at} />
                    </>
                )}
                {bad > 1 && `, for ${bad} builds`};{" "}
                {good ? (
                    <>
                        the last good one was <BuildLink id={id} number={good.number} />
                        {good.complete_at !== null && (
                            <>
                                , <Age at={good.complete_at} />
                            </>
                        )}
                    </>
                ) : (
                    "it never was good"
                )}
                .
            </p>
            {suspects.length > 0 ? (
                <>
                    <p>New in the first that failed:</p>
                    <ul>
                        {suspects.map((suspect) => (
                            <li key={suspect.id}>
                                <bdi>{suspect.person}</bdi>: <ChangeLink change={suspect} />
                            </li>
                        ))}
                    </ul>
                </>
            ) : (
                <p class="quiet">
                    No change is new in the first that failed: the machine, the network or the configuration may be to
                    blame.
                </p>
            )}
        </section>
    );
}

export function Present({
    builder,
    running,
    waiting,
    workers,
}: {
    builder: BuilderRow;
    running: readonly Running[];
    waiting: readonly WaitingRow[];
    workers: readonly WorkerRow[];
}) {
    const { builderid: id, name } = builder;
    return (
        <div class="present">
            <section>
                <h2>
                    Running <span class="quiet">{running.length}</span>
                </h2>
                {running.length === 0 && <p class="quiet">No build.</p>}
                <ol>
                    {running.map(({ number, from, to, worker, step, done, steps, ...build }) => (
                        <li key={build.id}>
                            <ResultMark status="running" /> <BuildLink id={id} number={number} /> <bdi>{step}</bdi>
                            <span class="quiet">
                                {steps > 0 && ` step ${Math.min(done + 1, steps)}`}
                                {worker !== undefined && (
                                    <>
                                        {" on "}
                                        <bdi>{worker}</bdi>
                                    </>
                                )}
                            </span>{" "}
                            <Progress from={from} to={to} what={`${name} #${number}`} />
                        </li>
                    ))}
                </ol>
            </section>
            <section>
                <h2>
                    Waiting <span class="quiet">{waiting.length}</span>
                </h2>
                {waiting.length === 0 && <p class="quiet">No request.</p>}
                <ol>
                    {waiting.map((request, index) => (
                        <Request key={request.buildrequestid} request={request} position={index + 1} />
                    ))}
                </ol>
            </section>
            <Workers workers={workers} />
        </div>
    );
}

function Request({ request, position }: { request: WaitingRow; position: number }) {
    const { submitted_at, priority, buildset, sourcestamps } = request;
    return (
        <li>
            <span class="position" title="Its place in the queue">
                {position}.
            </span>{" "}
            <Sources sources={sourcesOf(sourcestamps)} />{" "}
            <span class="quiet">
                {priority !== 0 && `priority ${priority}, `}
                <Age at={submitted_at} />
            </span>
            {buildset?.reason && <bdi class="reason quiet">{buildset.reason}</bdi>}
        </li>
    );
}

function Workers({ workers }: { workers: readonly WorkerRow[] }) {
    const ready = workers.filter((worker) => hindrance(worker) === undefined).length;
    return (
        <section>
            <h2>
                Workers <span class="quiet">{workers.length}</span>
            </h2>
            {ready === 0 && (
                <p class="hindered">
                    {workers.length === 0
                        ? "None may build it."
                        : `${counted(workers.length, "worker")}, and none is ready.`}
                </p>
            )}
            <ul>
                {workers.map((worker) => {
                    const hindered = hindrance(worker);
                    return (
                        <li key={worker.workerid}>
                            <a href={`workers/${worker.workerid}`}>
                                <bdi>{worker.name}</bdi>
                            </a>{" "}
                            <bdi class={hindered ? "hindered" : "quiet"}>{hindered ?? "connected"}</bdi>
                        </li>
                    );
                })}
            </ul>
        </section>
    );
}
