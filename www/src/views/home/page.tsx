import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { counted, cutText } from "../../base/text";
import { PageHead } from "../../widgets/head";
import { useLive } from "../../widgets/live";
import { ResultMark } from "../../widgets/marks";
import { Empty, Problem, Skeleton } from "../../widgets/problem";
import { Progress } from "../../widgets/progress";
import { Age } from "../../widgets/times";
import { overview, people, type Broken, type Builder, type Overview, type Running, type Waiting } from "./model";
import { QUERIES } from "./queries";
import "./page.css";

export default function HomePage() {
    const lists = useLive(QUERIES);
    const all = Object.values(lists);
    const failed = all.find(({ state }) => state.value === "failed");
    const { builders, offline, running, waiting, masters } = lists;
    const found = useComputed(() =>
        overview({
            builders: builders.rows.value,
            offline: offline.rows.value,
            running: running.rows.value,
            waiting: waiting.rows.value,
            masters: masters.rows.value,
        }),
    );
    if (all.some(({ state }) => state.value !== "ready")) {
        const error = failed?.error.value;
        return (
            <>
                <PageHead title="Home" />
                {error ? <Problem error={error} /> : <Skeleton lines={8} />}
            </>
        );
    }
    return <Shown {...found.value} requestsMore={waiting.more.value} runningMore={running.more.value} />;
}

function Shown(found: Overview & { requestsMore: boolean; runningMore: boolean }) {
    const { builders, broken, running, waiting } = found;
    if (builders.length === 0) {
        return (
            <>
                <PageHead title="No builders yet" />
                <Empty title="No master that uses this database runs a builder">
                    They appear here as soon as one starts that has some in its configuration.
                </Empty>
            </>
        );
    }
    const requests = `${counted(found.requests, "request")}${found.requestsMore ? " or more" : ""}`;
    const builds = `${counted(running.length, "build")}${found.runningMore ? " or more" : ""}`;
    return (
        <>
            <PageHead
                title={headline(broken.length, builders.length)}
                status={broken.length > 0 ? "failure" : "success"}
                below={`${builds} running, ${requests} waiting`}
            />
            <div class="home">
                <Section name="Broken" count={broken.length}>
                    {broken.length > 0 ? (
                        <ol class="home-broken">
                            {broken.map((each) => (
                                <BrokenItem key={each.id} {...each} />
                            ))}
                        </ol>
                    ) : (
                        <p class="quiet">Nothing is broken.</p>
                    )}
                </Section>
                <div>
                    <Section name="Running" count={running.length}>
                        {running.length > 0 ? (
                            <ol class="home-running">
                                {running.map((each) => (
                                    <RunningItem key={each.id} {...each} />
                                ))}
                            </ol>
                        ) : (
                            <p class="quiet">No build.</p>
                        )}
                    </Section>
                    <Section name="Waiting" count={found.requests}>
                        {waiting.length > 0 ? (
                            <ol class="home-waiting">
                                {waiting.map((each) => (
                                    <WaitingItem key={each.builder.id} {...each} />
                                ))}
                            </ol>
                        ) : (
                            <p class="quiet">No request.</p>
                        )}
                    </Section>
                </div>
            </div>
            <Section name="All builders" count={builders.length}>
                <ul class="home-all">
                    {builders.map((each) => (
                        <BuilderItem key={each.id} builder={each} />
                    ))}
                </ul>
            </Section>
        </>
    );
}

function headline(broken: number, all: number): string {
    if (broken === 0) return all === 1 ? "The builder is fine" : `All ${all} builders are fine`;
    return `${broken} of ${counted(all, "builder")} ${broken === 1 ? "is" : "are"} broken`;
}

function Section({ name, count, children }: { name: string; count: number; children: ComponentChildren }) {
    return (
        <section>
            <h2>
                {name} <span class="quiet">{count}</span>
            </h2>
            {children}
        </section>
    );
}

function BuilderLink({ id, name }: Pick<Builder, "id" | "name">) {
    return (
        <a class="home-name" href={`builders/${id}`}>
            <bdi>{name}</bdi>
        </a>
    );
}

function BuildLink({ id, number }: { id: number; number: number }) {
    return <a href={`builders/${id}/builds/${number}`}>#{number}</a>;
}

function BrokenItem(broken: Broken) {
    const { id, status, text, first, last, since, good, running } = broken;
    return (
        <li class={`status-${status}`}>
            <div class="home-line">
                <ResultMark status={status} />
                <BuilderLink {...broken} />
                {running !== undefined && (
                    <span class="small">
                        <ResultMark status="running" word={null} /> <BuildLink id={id} number={running} /> running
                    </span>
                )}
                <span class="home-since">
                    <Age at={since} />
                </span>
            </div>
            <p>
                since <BuildLink id={id} number={first} />
                {last > first && (
                    <>
                        {" "}
                        to <BuildLink id={id} number={last} />
                    </>
                )}
                {": "}
                <bdi title={text}>{cutText(text)}</bdi>{" "}
                <span class="quiet">
                    (
                    {good ? (
                        <>
                            good until <BuildLink id={id} number={good.number} />
                        </>
                    ) : (
                        "never was good"
                    )}
                    )
                </span>
            </p>
            <Suspects {...broken} />
        </li>
    );
}

function Suspects({ suspects, first, id }: Broken) {
    const [newest, ...others] = suspects;
    if (!newest)
        return <p class="quiet">without a change: the machine, the network or the configuration may be to blame</p>;
    const who = people(suspects);
    return (
        <p class="home-suspects">
            by <strong>{joined(who)}</strong>
            {": "}
            <a href={`changes/${newest.id}`} title={newest.title}>
                <bdi>{newest.title}</bdi>
            </a>
            {others.length > 0 && (
                <>
                    {" and "}
                    <a href={`builders/${id}/builds/${first}`}>{counted(others.length, "change")} before</a>
                </>
            )}
        </p>
    );
}

/** The first few, and how many more. */
function joined(names: readonly string[]): ComponentChildren {
    const shown = names.slice(0, 3).map((name, index) => (
        <span key={name}>
            {index > 0 && ", "}
            <bdi>{name}</bdi>
        </span>
    ));
    return (
        <>
            {shown}
            {names.length > 3 && ` and ${names.length - 3} more`}
        </>
    );
}

function RunningItem({ builder, number, from, to, worker, step, done, steps }: Running) {
    return (
        <li>
            <div class="home-line">
                <ResultMark status="running" />
                <BuilderLink {...builder} />
                <BuildLink id={builder.id} number={number} />
                <span class="home-since">
                    <Progress from={from} to={to} what={`${builder.name} #${number}`} />
                </span>
            </div>
            <p class="quiet">
                <bdi>{step}</bdi>
                {steps > 0 && ` (step ${Math.min(done + 1, steps)})`}
                {worker !== undefined && (
                    <>
                        {" on "}
                        <bdi>{worker}</bdi>
                    </>
                )}
            </p>
        </li>
    );
}

const WHY = {
    offline: "no worker is connected that could build it",
    busy: "behind",
    soon: "for a worker, or a lock",
};

function WaitingItem({ builder, count, oldest, why, behind }: Waiting) {
    return (
        <li>
            <div class="home-line">
                <ResultMark status="pending" />
                <BuilderLink {...builder} />
                {count > 1 && <span class="home-count">{count} requests</span>}
                <span class="home-since">
                    <Age at={oldest} />
                </span>
            </div>
            <p class={why === "offline" ? "home-offline" : "quiet"}>
                {WHY[why]}
                {why === "busy" && behind && (
                    <>
                        {" "}
                        <BuildLink id={builder.id} number={behind.number} />
                    </>
                )}
            </p>
        </li>
    );
}

/** Drawn anew only where its builder is another one: there are many, and much happens elsewhere. */
function BuilderItem({ builder }: { builder: Builder }) {
    return useMemo(() => <DrawnBuilder {...builder} />, [builder]);
}

function DrawnBuilder({ id, name, status, text }: Builder) {
    return (
        <li>
            <a href={`builders/${id}`} title={text} class={`status-${status}`}>
                <ResultMark status={status} word={status === "pending" ? "not built yet" : status} />
                <bdi>{name}</bdi>
            </a>
        </li>
    );
}
