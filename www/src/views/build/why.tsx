/** Why a build is red: what failed, the end of what it wrote, the tests, and who changed what since it was good. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { wordsOf } from "../../base/html";
import { parseLines } from "../../base/loglines";
import { statusOf } from "../../base/results";
import { digits } from "../../base/text";
import { ResultMark } from "../../widgets/marks";
import { TerminalLine } from "../../widgets/terminal";
import { buildHref, logHref, tellingLogs, type Findings, type Step } from "./model";
import type { BuildRow, LogRow, TailRow } from "./queries";

/** Characters of a line that stand here; the log has all. */
const CUT = 600;

export interface WhyProps {
    readonly build: BuildRow;
    readonly failed: readonly Step[];
    readonly tails: ReadonlyMap<number, TailRow>;
    readonly findings: readonly Findings[];
    readonly children: ComponentChildren;
}

export function Why({ build, failed, tails, findings, children }: WhyProps) {
    return (
        <section class="build-why" aria-labelledby="why">
            <h2 id="why">
                {statusOf(build.results) === "retry" ? "Why it was given up, to be tried again" : "Why it failed"}
            </h2>
            {failed.length === 0 && (
                <p>
                    None of its steps did: <bdi>{build.state_string}</bdi>
                </p>
            )}
            {failed.map((step) => (
                <article key={step.id} class={`failed status-${step.status}`}>
                    <h3>
                        <ResultMark status={step.status} />{" "}
                        <a href={`builders/${build.builderid}/builds/${build.number}#step-${step.number}`}>
                            <bdi>{step.name}</bdi>
                        </a>{" "}
                        <bdi class="quiet">{step.text}</bdi>
                    </h3>
                    {tellingLogs(step.logs, findings.length > 0).map((log) => (
                        <Tail
                            key={log.logid}
                            href={logHref(build, step.number, log)}
                            log={log}
                            tail={tails.get(log.logid)}
                        />
                    ))}
                </article>
            ))}
            {findings.map((set) => (
                <FailedTests key={set.id} set={set} all={`${buildHref(build.builderid, build.number)}/tests`} />
            ))}
            {children}
        </section>
    );
}

interface TailProps {
    readonly href: string;
    readonly log: LogRow;
    readonly tail: TailRow | undefined;
}

function Tail(props: TailProps) {
    return props.log.type === "h" ? <Words {...props} /> : <Lines {...props} />;
}

/** Of HTML, whose lines are none for people. */
function Words({ href, log, tail }: TailProps) {
    const words = useMemo(() => (tail ? wordsOf(tail.content) : []), [tail]);
    return (
        <End href={href} log={log} said="its last words: it is HTML" label={`The last words of ${log.name}`} dir="auto">
            {words.map((line, at) => (
                <span key={at} class="text">
                    {line.slice(0, CUT)}
                    {line.length > CUT && "…"}
                    {"\n"}
                </span>
            ))}
        </End>
    );
}

function Lines({ href, log, tail }: TailProps) {
    const lines = tail ? parseLines(tail.content, log.type) : [];
    const first = tail?.firstline ?? 0;
    const said = first > 0 && `the last ${lines.length} of ${digits(first + lines.length)} lines`;
    return (
        <End href={href} log={log} said={said} label={`The end of ${log.name}`} dir="ltr">
            {lines.map(({ text, stream }, at) => (
                <a
                    key={at}
                    class={`text ${stream ?? ""}`}
                    href={`${href}#L${first + at + 1}`}
                    aria-label={text.trim() ? undefined : `Line ${first + at + 1}, which is empty`}
                    tabIndex={-1}
                >
                    <TerminalLine text={text.slice(0, CUT)} />
                    {text.length > CUT && "…"}
                    {"\n"}
                </a>
            ))}
        </End>
    );
}

/** Of a log, some lines; without any only that there is the log. */
function End({
    href,
    log,
    said,
    label,
    dir,
    children,
}: Omit<TailProps, "tail"> & {
    said: string | false;
    label: string;
    dir: "ltr" | "auto";
    children: readonly ComponentChildren[];
}) {
    return (
        <figure class="tail">
            <figcaption>
                <a href={href}>
                    <bdi>{log.name}</bdi>
                </a>
                {said && children.length > 0 && <span class="quiet small"> {said}</span>}
            </figcaption>
            {children.length > 0 && (
                <pre tabIndex={0} aria-label={label} dir={dir} ref={showEnd}>
                    {children}
                </pre>
            )}
        </figure>
    );
}

/** What went wrong stands at the end. */
function showEnd(element: HTMLPreElement | null) {
    if (element) element.scrollTop = element.scrollHeight;
}

function FailedTests({ set, all }: { set: Findings; all: string }) {
    const more = set.count - set.found.length;
    return (
        <article class="tests">
            <h3>
                <bdi>{set.title}</bdi>: {digits(set.count)} failed
                {set.passed !== undefined && <span class="quiet">, {digits(set.passed)} passed</span>}
            </h3>
            <ul>
                {set.found.map(({ id, name, detail, href }) => (
                    <li key={id}>
                        <ResultMark status="failure" word={null} />{" "}
                        {href ? (
                            <a class="code" href={href} title="How it went in other builds">
                                <bdi>{name}</bdi>
                            </a>
                        ) : (
                            <bdi class="code">{name}</bdi>
                        )}{" "}
                        {detail && <bdi class="quiet">{detail}</bdi>}
                    </li>
                ))}
            </ul>
            <p>
                <a href={all}>{more > 0 ? `${digits(more)} more, and those that passed` : "All results"}</a>
            </p>
        </article>
    );
}
