/** What is broken since when and by whom, what runs and what waits: from the rows of the API. */
import { grouped } from "../../base/grouped";
import { isDeserted } from "../../base/masters";
import { compareStatus, isBad, statusOf, type Status } from "../../base/results";
import { firstLine, personOf } from "../../base/text";
import type { BuilderRow, MasterRow, RunningRow, WaitingRow } from "./queries";

export interface Builder {
    readonly id: number;
    readonly name: string;
    /** Of its last build that is complete; pending: there is none. */
    readonly status: Status;
    readonly text: string;
}

export interface Suspect {
    readonly id: number;
    readonly person: string;
    readonly title: string;
}

export interface Broken extends Builder {
    /** Its first build that failed, and when it had. */
    readonly first: number;
    readonly since: number;
    /** The last one that did. */
    readonly last: number;
    /** The build before all that; undefined: it never was good. */
    readonly good: { readonly number: number; readonly at: number | undefined } | undefined;
    readonly suspects: readonly Suspect[];
    /** The number of the build that runs, and may mend it. */
    readonly running: number | undefined;
}

export interface Running {
    readonly id: number;
    readonly builder: Pick<Builder, "id" | "name">;
    readonly number: number;
    readonly from: number;
    readonly to: number | null | undefined;
    readonly worker: string | undefined;
    /** What it does at present. */
    readonly step: string;
    /** How many of its steps are complete, and how many it has. */
    readonly done: number;
    readonly steps: number;
}

export interface Waiting {
    readonly builder: Pick<Builder, "id" | "name">;
    readonly count: number;
    readonly oldest: number;
    readonly why: "offline" | "busy" | "soon";
    /** The build that is in their way. */
    readonly behind: Running | undefined;
}

export interface Overview {
    /** Those that masters run, or ran until the last one stopped; the worst first. */
    readonly builders: readonly Builder[];
    /** What broke last comes first. */
    readonly broken: readonly Broken[];
    /** What ends next comes first. */
    readonly running: readonly Running[];
    /** What waits longest comes first. */
    readonly waiting: readonly Waiting[];
    /** How many requests that are. */
    readonly requests: number;
}

export interface Rows {
    readonly builders: readonly BuilderRow[];
    readonly offline: readonly { readonly builderid: number }[];
    readonly running: readonly RunningRow[];
    readonly waiting: readonly WaitingRow[];
    readonly masters: readonly MasterRow[];
}

export function overview(rows: Rows): Overview {
    const names = new Map(rows.builders.map(({ builderid: id, name }) => [id, { id, name }]));
    const named = (id: number) => names.get(id) ?? { id, name: `builder ${id}` };
    const alive = new Set(rows.masters.filter(({ active }) => active).map(({ masterid }) => masterid));
    const running = rows.running
        // What a master was at when it died does not run.
        .filter((build) => !build.complete && alive.has(build.masterid))
        .map((build) => runningOf(build, named(build.builderid)))
        .sort((a, b) => (a.to ?? Infinity) - (b.to ?? Infinity) || a.from - b.from);
    const byBuilder = grouped(running, ({ builder }) => builder.id);
    const deserted = isDeserted(rows.masters);
    const used = rows.builders.filter((row) => deserted || row.masterids.length > 0);
    return {
        builders: used.map(builderOf).sort(byStatus),
        broken: used
            .flatMap((row) => brokenOf(row, byBuilder.get(row.builderid)?.at(-1)?.number) ?? [])
            .sort((a, b) => b.since - a.since),
        running,
        waiting: waitingOf(rows, named, byBuilder),
        requests: rows.waiting.length,
    };
}

/** Of rows that are as they were, builders stay the same objects. */
const known = new WeakMap<BuilderRow, Builder>();

function builderOf(row: BuilderRow): Builder {
    const before = known.get(row);
    if (before) return before;
    const { builderid: id, name, last_finished_build: last } = row;
    const builder = { id, name, status: statusOf(last?.results, last !== null), text: last?.state_string ?? "" };
    known.set(row, builder);
    return builder;
}

/** The worst first; of what was never built there is nothing to say. */
function byStatus({ status: a }: Builder, { status: b }: Builder): number {
    return Number(a === "pending") - Number(b === "pending") || compareStatus(a, b);
}

function brokenOf(row: BuilderRow, running: number | undefined): Broken | undefined {
    const { first_failed_build: first, last_good_build: good, last_finished_build: last } = row;
    if (!first) return undefined;
    const builder = builderOf(row);
    return {
        ...builder,
        // A build that was cancelled since does not mend anything.
        status: isBad(builder.status) ? builder.status : statusOf(first.results),
        first: first.number,
        since: first.complete_at ?? 0,
        last: last?.number ?? first.number,
        good: good ? { number: good.number, at: good.complete_at ?? undefined } : undefined,
        suspects: changesOf(first).map(({ changeid: id, author, comments }) => ({
            id,
            person: personOf(author),
            title: firstLine(comments),
        })),
        running,
    };
}

interface ChangeRow {
    readonly changeid: number;
    readonly author: string;
    readonly comments: string;
}

/** Relations of relations are not in the types of rows. */
function changesOf(build: object): readonly ChangeRow[] {
    return (build as { readonly changes?: readonly ChangeRow[] }).changes ?? [];
}

function runningOf(build: RunningRow, builder: Pick<Builder, "id" | "name">): Running {
    const steps = build.steps.filter(({ hidden }) => !hidden);
    const current = steps.find((step) => !step.complete && step.started_at !== null);
    return {
        id: build.buildid,
        builder,
        number: build.number,
        from: build.started_at,
        to: build.eta,
        worker: build.worker?.name,
        step: current?.name ?? build.state_string,
        done: steps.filter(({ complete }) => complete).length,
        steps: steps.length,
    };
}

function waitingOf(
    { waiting, offline }: Rows,
    named: (id: number) => Pick<Builder, "id" | "name">,
    running: ReadonlyMap<number, readonly Running[]>,
): Waiting[] {
    const away = new Set(offline.map(({ builderid }) => builderid));
    return [...grouped(waiting, ({ builderid }) => builderid)]
        .map(([id, requests]) => {
            const behind = running.get(id)?.[0];
            return {
                builder: named(id),
                count: requests.length,
                oldest: Math.min(...requests.map(({ submitted_at }) => submitted_at)),
                why: away.has(id) ? ("offline" as const) : behind ? ("busy" as const) : ("soon" as const),
                behind,
            };
        })
        .sort((a, b) => a.oldest - b.oldest);
}

/** Each who may have broken it, once. */
export function people(suspects: readonly Suspect[]): readonly string[] {
    return [...new Set(suspects.map(({ person }) => person))];
}
