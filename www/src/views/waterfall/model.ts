/** What the waterfall shows, made of the rows of the API. What is made of a row is kept for as long as the row is. */
import { compareStatus, statusOf, type Status } from "../../base/results";
import type { BuilderRow, BuildRow, ChangeRow, MasterRow, StepRow } from "./queries";

/** What stands for a branch that has no name, in addresses too. */
export const DEFAULT_BRANCH = "(default)";

export interface Step {
    readonly id: number;
    readonly number: number;
    readonly name: string;
    readonly text: string;
    readonly status: Status;
    readonly start: number;
    /** `Infinity`: it runs. */
    readonly end: number;
}

export interface Build {
    readonly id: number;
    readonly number: number;
    readonly builder: number;
    readonly master: number;
    readonly status: Status;
    readonly text: string;
    readonly start: number;
    /** `Infinity`: it runs. */
    readonly end: number;
    /** In the order of their beginning; those that have not begun, and the hidden ones, are left out. */
    readonly steps: readonly Step[];

    readonly branches: readonly string[];
    /** It has no end, and what ran it is gone: `end` is the last that is known of it. */
    readonly lost: boolean;
}

export interface Waiting {
    readonly id: number;
    readonly since: number;
}

export interface Commit {
    readonly id: number;
    readonly at: number;
    readonly author: string;
    readonly title: string;
    readonly branch: string;
    readonly revision: string;
}

export interface Builder {
    readonly id: number;
    readonly name: string;
    readonly tags: readonly string[];
    /** Some master runs it. */
    readonly active: boolean;
}

const builds = new WeakMap<BuildRow, Build>();

export function buildOf(row: BuildRow): Build {
    let build = builds.get(row);
    if (!build) builds.set(row, (build = makeBuild(row)));
    return build;
}

function makeBuild(row: BuildRow): Build {
    const { started_at: start, complete, complete_at } = row;
    return {
        id: row.buildid,
        number: row.number,
        builder: row.builderid,
        master: row.masterid,
        status: complete ? statusOf(row.results) : "running",
        text: row.state_string,
        start,
        // Clocks that differ, or were set back, have builds end before they begin.
        end: complete ? Math.max(start, complete_at ?? start) : Infinity,
        steps: row.steps.flatMap(makeStep).sort((a, b) => a.start - b.start || a.number - b.number),
        branches: [...new Set(row.sourcestamps.map(({ branch }) => branch ?? DEFAULT_BRANCH))],
        lost: false,
    };
}

function makeStep(row: StepRow): Step[] {
    const start = row.started_at;
    if (start === null || row.hidden) return [];
    return [
        {
            id: row.stepid,
            number: row.number,
            name: row.name,
            text: row.state_string,
            status: statusOf(row.results),
            start,
            end: row.complete ? Math.max(start, row.complete_at ?? start) : Infinity,
        },
    ];
}

const losts = new WeakMap<Build, Build>();

/** A build that never ends, since its master is gone: shown until the last that was heard of it. */
export function lost(build: Build): Build {
    let ended = losts.get(build);
    if (!ended) {
        const end = build.steps.reduce(
            (latest, step) => Math.max(latest, step.end === Infinity ? step.start : step.end),
            build.start,
        );
        const steps = build.steps.map((step) =>
            step.end === Infinity ? { ...step, end, status: "unknown" as const } : step,
        );
        losts.set(build, (ended = { ...build, end, steps, status: "unknown", lost: true }));
    }
    return ended;
}

/** `deserted`: no master runs, so nothing says which of them the last one ran. */
export function builderOf({ builderid: id, name, tags, masterids }: BuilderRow, deserted: boolean): Builder {
    return { id, name, tags, active: deserted || masterids.length > 0 };
}

export function commitOf({ changeid: id, author, comments, ...row }: ChangeRow): Commit {
    // It came when its source stamp was made; the commit's own time may be long before. Either may be wrong.
    const came = row.sourcestamp?.created_at ?? row.when_timestamp;
    return {
        id,
        at: Math.max(row.when_timestamp, came),
        author: author.replace(/\s*<[^<>]*>\s*$/, "") || author,
        title: comments.trimStart().split("\n", 1)[0] ?? "",
        branch: row.branch ?? DEFAULT_BRANCH,
        revision: row.revision ?? "",
    };
}

/** Builds by builder, in the order of their beginning. */
export function byBuilder(rows: readonly BuildRow[], masters: readonly MasterRow[]): Map<number, Build[]> {
    const active = new Set(masters.flatMap((master) => (master.active ? [master.masterid] : [])));
    const found = new Map<number, Build[]>();
    for (const row of rows) {
        let build = buildOf(row);
        if (build.end === Infinity && !active.has(build.master)) build = lost(build);
        const others = found.get(build.builder);
        if (others) others.push(build);
        else found.set(build.builder, [build]);
    }
    for (const list of found.values()) list.sort((a, b) => a.start - b.start || a.id - b.id);
    return found;
}

/** The status that stands for several builds: the worst; how many there are of each, the worst first. */
export function summary(several: readonly { readonly status: Status }[]): [Status, number][] {
    const counts = new Map<Status, number>();
    for (const { status } of several) counts.set(status, (counts.get(status) ?? 0) + 1);
    return [...counts].sort(([a], [b]) => compareStatus(a, b));
}

/**
 * When a running build will be complete. The API says it only when it is asked; of a build that has begun since then, it is
 * found as the API would: its start and the mean of the builder's last five that went well.
 */
export function estimated(
    build: Build,
    told: ReadonlyMap<number, number>,
    column: readonly Build[],
): number | undefined {
    const known = told.get(build.id);
    if (known !== undefined) return known;
    const lengths: number[] = [];
    for (let index = column.length - 1; index >= 0 && lengths.length < 5; index -= 1) {
        const other = column[index];
        if (other && (other.status === "success" || other.status === "warnings")) lengths.push(other.end - other.start);
    }
    if (lengths.length === 0) return undefined;
    return build.start + lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
}
