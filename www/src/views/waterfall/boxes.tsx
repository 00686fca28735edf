/** What stands at a time: builds with their steps, several builds in one box, changes, and what is expected. */
import type { ReadonlySignal } from "@preact/signals";
import { isBad, SYMBOLS, type Status } from "../../base/results";
import { duration, fullTime, now } from "../../base/time";
import { divided, LINE, type Box } from "./geometry";
import { summary, type Build, type Commit, type Step } from "./model";
import { memo } from "./memo";

/** What is lower cannot hold a name, or be seen. */
const NAMED = 13;
const SEEN = 3;

export function buildPath({ builder, number }: Build): string {
    return `builders/${builder}/builds/${number}`;
}

/** One build. `present` is the place of the present, where what runs ends. */
export const BuildBox = memo(function BuildBox(props: {
    build: Build;
    name: string;
    box: Box;
    present: ReadonlySignal<number>;
    eta: number | undefined;
    ahead: number;
    isStop: boolean;
    /** There is room for how long it took. */
    wide: boolean;
}) {
    const { build, name, box, present, eta, ahead, isStop, wide } = props;
    // Only what runs, or goes on above what is shown, follows the present.
    const height = heightOf(box, present);
    const running = build.end === Infinity;
    const end = running ? Math.max(build.start, now.value) : build.end;
    const steps = height >= 2 * LINE ? divideSteps(build.steps, end, height - LINE - 2) : [];
    const words = build.status === "success" ? "" : running ? (build.steps.at(-1)?.name ?? build.text) : build.text;
    return (
        <div
            class={`build status-${build.status}`}
            role="listitem"
            style={{ ...across(box, height), ...stripes(steps) }}
        >
            <a
                class="label"
                href={buildPath(build)}
                data-build={build.id}
                tabIndex={isStop ? 0 : -1}
                aria-label={spoken(build, name, words, end, eta)}
                onPointerEnter={({ currentTarget }) => {
                    // Only of what is pointed at: times of day take long to be written.
                    currentTarget.title = `${name} #${build.number}: ${build.text}\n${fullTime(build.start)}, ${duration(end - build.start)}`;
                }}
            >
                <span class="number">{build.number}</span> {words !== "" && <bdi class="words">{words}</bdi>}
                {words === "" && wide && <span class="took">{duration(end - build.start)}</span>}
            </a>
            {steps.map(({ step, bottom, height: stepHeight }) =>
                stepHeight >= NAMED ? (
                    <a
                        key={step.id}
                        class={`step status-${step.status}${step.status === "success" ? "" : " marked"}`}
                        href={`${buildPath(build)}#step-${step.number}`}
                        tabIndex={-1}
                        title={`${step.name}: ${step.text}\n${duration(Math.min(step.end, end) - step.start)}`}
                        style={{ bottom: `${bottom}px`, height: `${stepHeight - 1}px` }}
                    >
                        <bdi>{step.name}</bdi>
                    </a>
                ) : null,
            )}
            {eta !== undefined && running && <Expected at={eta} ahead={ahead} />}
        </div>
    );
});

/** What is still to come, ahead of the present. */
function Expected({ at, ahead }: { at: number; ahead: number }) {
    const left = at - now.value;
    if (left < 0) return <span class="expected late">{`${duration(-left)} late`}</span>;
    return (
        <span class="expected" style={{ height: `${Math.max(LINE, left * ahead)}px` }}>{`${duration(left)} left`}</span>
    );
}

interface Placed {
    readonly step: Step;
    readonly bottom: number;
    readonly height: number;
}

/** Steps one above the other, as high as they took long; those that failed or run can be read where there is room. */
function divideSteps(steps: readonly Step[], end: number, height: number): Placed[] {
    const parts = steps.map((step) => ({
        weight: Math.min(step.end, end) - step.start,
        least: isBad(step.status) || step.status === "running" ? NAMED + 1 : SEEN,
    }));
    let bottom = 0;
    return divided(height, parts).map((part, index) => {
        const placed = { step: steps[index] as Step, bottom, height: part };
        bottom += part;
        return placed;
    });
}

/** Steps that are too low for their names are drawn as one picture. */
function stripes(steps: readonly Placed[]): Record<string, string> {
    const low = steps.filter(({ height }) => height < NAMED);
    if (low.length === 0) return {};
    const stops = low.flatMap(({ step, bottom, height }) => {
        const [from, to] = [bottom.toFixed(1), (bottom + height - 1).toFixed(1)];
        const colour = `var(--stripe-${step.status})`;
        return [`transparent ${from}px`, `${colour} ${from}px ${to}px`, `transparent ${to}px`];
    });
    return { "--stripes": `linear-gradient(to top, ${stops.join(", ")})` };
}

/** What is seen, in its order, and what is drawn. Times of day take long to be written, of which there would be many. */
function spoken(build: Build, name: string, words: string, end: number, eta: number | undefined): string {
    const took = duration(end - build.start);
    const status = build.lost ? "never ended, its master is gone" : build.status;
    const left = eta === undefined || build.end !== Infinity ? "" : `, about ${duration(eta - now.peek())} left`;
    return words === ""
        ? `${name} ${build.number} ${took}, ${status}${left}`
        : `${name} ${build.number} ${words}, ${status}, ${took}${left}`;
}

/** Several builds that are too close together: to be told apart from nearer. */
export const SeveralBox = memo(function SeveralBox(props: {
    builds: readonly Build[];
    name: string;
    box: Box;
    present: ReadonlySignal<number>;
    isStop: boolean;
    look: (builds: readonly Build[]) => void;
}) {
    const { name, box, present, isStop, look } = props;
    const builds = box.members.flatMap((member) => props.builds[member] ?? []);
    const counts = summary(builds);
    const worst = counts[0]?.[0] ?? "unknown";
    const words = counts.map(([status, count]) => `${count} ${status}`).join(", ");
    return (
        <div class={`build several status-${worst}`} role="listitem" style={across(box, heightOf(box, present))}>
            <button
                type="button"
                class="label"
                data-build={builds[0]?.id}
                tabIndex={isStop ? 0 : -1}
                title={`${builds.length} builds: ${words}`}
                onClick={() => look(builds)}
            >
                <span class="words" aria-hidden="true">
                    {told(builds.length, counts)}
                </span>
                <span class="heard">{`${name}, ${builds.length} builds: ${words}. Look closer`}</span>
            </button>
        </div>
    );
});

function told(count: number, counts: readonly (readonly [Status, number])[]): string {
    if (counts.length === 1) return `${count} builds`;
    return counts.map(([status, each]) => `${each} ${SYMBOLS[status]}`).join(" ");
}

export const CommitBox = memo(function CommitBox(props: { commits: readonly Commit[]; box: Box }) {
    const { box } = props;
    const commits = box.members.flatMap((member) => props.commits[member] ?? []);
    const newest = commits.at(-1);
    if (!newest) return null;
    const several = commits.length > 1;
    const said = commits.map(({ author, title }) => `${author}: ${title}`);
    return (
        <div class="commit" role="listitem" style={{ top: `${box.top}px`, height: `${box.bottom - box.top}px` }}>
            <a
                href={several ? "changes" : `changes/${newest.id}`}
                title={[...said.slice(0, 20), fullTime(newest.at)].join("\n")}
                aria-label={several ? `${commits.length} changes, ${newest.author}` : said[0]}
            >
                <span class="many">{several ? commits.length : "•"}</span>{" "}
                <bdi>{several ? `changes, ${newest.author}` : said[0]}</bdi>
            </a>
        </div>
    );
});

/** What runs, or goes on above what is shown, ends at the present, and follows it. */
function heightOf({ top, bottom }: Box, present: ReadonlySignal<number>): number {
    return Math.max(LINE, bottom - (top < present.peek() + LINE ? Math.max(top, present.value) : top));
}

function across({ lane, lanes, bottom }: Box, height: number) {
    return {
        left: `${(lane / lanes) * 100}%`,
        width: `${100 / lanes}%`,
        top: `${bottom - height}px`,
        height: `${height}px`,
    };
}
