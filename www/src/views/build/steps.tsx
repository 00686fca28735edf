/** The steps of a build, each with its place in the time of the whole, its logs, and the builds that it asked for. */
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { isBad } from "../../base/results";
import { duration, now } from "../../base/time";
import { counted } from "../../base/text";
import { Badge, ResultMark } from "../../widgets/marks";
import { Empty } from "../../widgets/problem";
import { Duration } from "../../widgets/times";
import { barOf, buildHref, logHref, type Step, type SubBuild } from "./model";
import type { BuildRow } from "./queries";

/** Letters of what the address calls a step: a name has 50 at most. */
const CUT = 60;

export interface StepsProps {
    readonly build: BuildRow;
    readonly steps: readonly Step[];
    /** Builds that it asked for, of which no step says so. */
    readonly rest: readonly SubBuild[];
    /** The number of the step that the address names. */
    readonly target: number | undefined;
}

export function Steps({ build, steps, rest, target }: StepsProps) {
    const [all, setAll] = useState(false);
    const isShown = (step: Step) => all || !step.hidden || isBad(step.status) || step.number === target;
    const hidden = steps.filter((step) => !isShown(step)).length;
    return (
        <section class="build-steps" aria-labelledby="steps">
            <h2 id="steps">
                Steps <span class="quiet">{steps.length}</span>
            </h2>
            {steps.length === 0 && <p class="quiet">None has begun.</p>}
            <ol>
                {steps.filter(isShown).map((step) => (
                    <StepLine key={step.id} build={build} step={step} isTarget={step.number === target} />
                ))}
            </ol>
            {(hidden > 0 || all) && (
                <button type="button" class="button bare" onClick={() => setAll(!all)}>
                    {all ? "Leave out what is of no interest" : `Show ${hidden} more, which the build hides`}
                </button>
            )}
            {rest.length > 0 && (
                <>
                    <h3>Other builds that it asked for</h3>
                    <SubBuilds subs={rest} />
                </>
            )}
        </section>
    );
}

/** That there is no step of the name or number in the address, and which there are. */
export function NoStep({ build, named, steps }: { build: BuildRow; named: string; steps: readonly Step[] }) {
    return (
        <Empty
            title={
                <>
                    There is no step <bdi>{named.slice(0, CUT)}</bdi> in this build{!build.complete && ", or not yet"}
                </>
            }
        >
            {steps.length > 0 && (
                <>
                    There {steps.length === 1 ? "is" : "are"}{" "}
                    {steps.map(({ id, number, name }, at) => (
                        <Fragment key={id}>
                            {at > 0 && ", "}
                            <a href={`${buildHref(build.builderid, build.number)}#step-${number}`}>
                                {number} <bdi>{name}</bdi>
                            </a>
                        </Fragment>
                    ))}
                </>
            )}
        </Empty>
    );
}

function StepLine({ build, step, isTarget }: { build: BuildRow; step: Step; isTarget: boolean }) {
    const page = `builders/${build.builderid}/builds/${build.number}`;
    return (
        <li id={`step-${step.number}`} class={`status-${step.status}${isTarget ? " target" : ""}`}>
            <div class="line">
                <a class="name" href={`${page}#step-${step.number}`} title={`Step ${step.number}: link to it`}>
                    <ResultMark status={step.status} />
                    <bdi>{step.name}</bdi>
                </a>
                <bdi class="said quiet">{step.text}</bdi>
                <span class="logs">
                    {step.logs.map((log) => (
                        <a
                            key={log.logid}
                            href={logHref(build, step.number, log)}
                            title={counted(log.num_lines, "line")}
                        >
                            <bdi>{log.name}</bdi>
                        </a>
                    ))}
                    {step.links.map(({ name, href }, at) =>
                        href === undefined ? (
                            <bdi key={at} class="quiet">
                                {name}
                            </bdi>
                        ) : (
                            <a key={at} href={href} rel="noreferrer">
                                <bdi>{name}</bdi>
                            </a>
                        ),
                    )}
                </span>
                <span class="took">
                    {step.start !== undefined && <Duration from={step.start} to={step.end} />}
                    {step.waited > 0 && <span class="quiet small"> {duration(step.waited)} for locks</span>}
                </span>
                <Bar build={build} of={step} />
            </div>
            {step.subs.length > 0 && <SubBuilds subs={step.subs} />}
            {step.waiting.map((id) => (
                <p key={id} class="waiting quiet">
                    <Badge status="pending">request {id} waits</Badge>
                </p>
            ))}
        </li>
    );
}

/** When it was, in the time of the build: follows the present while either runs. */
function Bar({ build, of }: { build: BuildRow; of: Pick<Step, "start" | "end"> }) {
    const end = build.complete_at ?? Math.max(now.value, build.started_at);
    const bar = barOf(of, { start: build.started_at, end });
    if (!bar) return <span class="bar" aria-hidden="true" />;
    const [left, width] = [bar.from, bar.size].map((part) => `${(part * 100).toFixed(2)}%`);
    return (
        <span class="bar" aria-hidden="true">
            <span style={{ left, width }} />
        </span>
    );
}

export function SubBuilds({ subs }: { subs: readonly SubBuild[] }) {
    return (
        <ul class="subs">
            {subs.map((sub) => (
                <li key={sub.id} class={`status-${sub.status}`}>
                    <a href={sub.href}>
                        <ResultMark status={sub.status} />{" "}
                        <bdi>
                            {sub.builder} #{sub.number}
                        </bdi>
                    </a>{" "}
                    <bdi class="quiet">{sub.text}</bdi>{" "}
                    <span class="took">
                        <Duration from={sub.start} to={sub.end} />
                    </span>
                </li>
            ))}
        </ul>
    );
}
