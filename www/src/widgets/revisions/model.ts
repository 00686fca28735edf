/** What was built of which revision, made of the rows of the API. */
import { statusOf, type Status } from "../../base/results";
import type { BuilderRow, BuildRow, ChangeRow, MasterRow, WaitingRow } from "./queries";

/** What stands for a branch that has no name, in addresses too. */
export const DEFAULT_BRANCH = "(default)";

export interface Builder {
    readonly id: number;
    readonly name: string;
    readonly tags: readonly string[];
    /** Some master runs it. */
    readonly active: boolean;
}

/** A build, or the wish for one. */
export interface Build {
    /** Unique among those that are shown. */
    readonly key: string;
    readonly builder: number;
    /** Undefined while it waits. */
    readonly number: number | undefined;
    readonly status: Status;
    /** When it began, or was asked for. */
    readonly at: number;
    /** Undefined if it runs, waits, or has no end because what ran it is gone. */
    readonly end: number | undefined;
}

export interface Commit {
    readonly id: number;
    readonly author: string;
    /** The first line of its message. */
    readonly title: string;
    readonly message: string;
    /** Where it can be looked at. */
    readonly link: string | undefined;
}

export interface Revision {
    /** In addresses too. */
    readonly key: string;
    /** Empty: the latest, whichever it is. */
    readonly revision: string;
    readonly branch: string;
    readonly codebase: string;
    /** When it came, or if that is not known, when it was last built. Seconds since the epoch. */
    readonly at: number;
    /** What is known of it from a change source; undefined for what was built but not reported, or longer ago. */
    readonly commit: Commit | undefined;
    /** By builder; of each the newest first, and of the waiting ones before all others. */
    readonly builds: ReadonlyMap<number, readonly Build[]>;
    /** No build of it is missing. */
    readonly whole: boolean;
}

/** What is loaded, newest first as it is listed. */
export interface Rows {
    readonly builds: readonly BuildRow[];
    readonly moreBuilds: boolean;
    readonly waiting: readonly WaitingRow[];
    readonly changes: readonly ChangeRow[];
    readonly moreChanges: boolean;
    readonly masters: readonly MasterRow[];
}

type Mutable<Made> = { -readonly [Name in keyof Made]: Made[Name] };
type Making = Mutable<Omit<Revision, "builds">> & { readonly builds: Map<number, Build[]>; newest: number };
type Stamp = BuildRow["sourcestamps"][number];

/** Newest first, as far back as everything of it is loaded. */
export function revisionsOf({ builds, moreBuilds, waiting, changes, moreChanges, masters }: Rows): Revision[] {
    const found = new Finder(changes);
    const gone = new Set(masters.filter(({ active }) => !active).map(({ masterid }) => masterid));
    for (const row of waiting) found.of(row.sourcestamps, undefined, row.submitted_at).add(waitingOf(row));
    for (const row of builds) {
        const got = row.properties["got_revision"]?.[0];
        found.of(row.sourcestamps, got, row.started_at).add(buildOf(row, gone));
    }
    const oldestBuild = moreBuilds ? (builds.at(-1)?.started_at ?? -Infinity) : -Infinity;
    const oldestChange = moreChanges ? Math.min(...found.fromChanges.map(({ at }) => at)) : -Infinity;
    const horizon = Math.max(oldestBuild, oldestChange);
    const all = found.all.flatMap((made) => {
        made.whole = made.commit !== undefined ? made.at > oldestBuild : !moreBuilds;
        // What was committed long ago, and was built again, is as new as that.
        if (made.at < horizon) made.at = made.newest;
        return made.at < horizon ? [] : [made];
    });
    return all.sort((a, b) => b.at - a.at || (b.commit?.id ?? 0) - (a.commit?.id ?? 0));
}

/** Whether builds, rather than changes, have to be loaded to see farther back. */
export function lacksBuilds({ builds, moreBuilds, changes, moreChanges }: Rows): boolean {
    if (!moreChanges) return true;
    const change = changes.at(-1);
    return moreBuilds && (builds.at(-1)?.started_at ?? 0) > (change ? cameAt(change) : 0);
}

/** `deserted`: no master runs, so nothing says which of them the last one ran. */
export function builderOf({ builderid: id, name, tags, masterids }: BuilderRow, deserted: boolean): Builder {
    return { id, name, tags, active: deserted || masterids.length > 0 };
}

class Finder {
    readonly all: Making[] = [];
    readonly fromChanges: readonly Making[];
    readonly #byStamp = new Map<number, Making>();
    readonly #byRevision = new Map<string, Making>();

    constructor(changes: readonly ChangeRow[]) {
        for (const change of changes) {
            const made = making(`c${change.changeid}`, change, change.revision ?? "", cameAt(change), commitOf(change));
            this.all.push(made);
            const stamp = change.sourcestamp?.ssid;
            // Of several with the same stamp, the newest one is what was built.
            if (stamp !== undefined && !this.#byStamp.has(stamp)) this.#byStamp.set(stamp, made);
            const name = nameOf(change.codebase, change.revision);
            if (name !== undefined && !this.#byRevision.has(name)) this.#byRevision.set(name, made);
        }
        this.fromChanges = [...this.all];
    }

    /** What has these stamps: the newest commit among them, because the others are what was there already. */
    of(stamps: readonly Stamp[], got: unknown, at: number): { add: (build: Build) => void } {
        let made: Making | undefined;
        for (const stamp of stamps) {
            const known =
                this.#byStamp.get(stamp.ssid) ??
                this.#byRevision.get(nameOf(stamp.codebase, revisionOf(stamp, got)) ?? "");
            if (known?.commit && (!made?.commit || known.commit.id > made.commit.id)) made = known;
        }
        const into = made ?? this.#other(stamps, got, at);
        into.newest = Math.max(into.newest, at);
        return {
            add(build) {
                const others = into.builds.get(build.builder);
                if (others) others.push(build);
                else into.builds.set(build.builder, [build]);
            },
        };
    }

    /** What no change tells of: a forced build, one of a branch's latest, one of long ago. */
    #other(stamps: readonly Stamp[], got: unknown, at: number): Making {
        const stamp =
            stamps.find(({ revision }) => revision !== null) ??
            stamps.find((each) => revisionOf(each, got)) ??
            stamps[0];
        const revision = stamp ? revisionOf(stamp, got) : undefined;
        const key = stamp ? ["r", stamp.codebase, stamp.branch ?? "", revision ?? ""].join(":") : "none";
        let made = this.#byRevision.get(key);
        if (!made) {
            made = making(key, stamp, revision ?? "", at, undefined);
            this.#byRevision.set(key, made);
            this.all.push(made);
        }
        made.at = Math.max(made.at, at);
        return made;
    }
}

function making(
    key: string,
    of: { readonly branch: string | null; readonly codebase: string } | undefined,
    revision: string,
    at: number,
    commit: Commit | undefined,
): Making {
    // Whoever forces a build and names no branch may leave the name empty.
    const branch = of?.branch ? of.branch : DEFAULT_BRANCH;
    const codebase = of?.codebase ?? "";
    return { key, revision, branch, codebase, at, commit, builds: new Map(), whole: false, newest: -Infinity };
}

/** What tells a revision of a codebase apart; undefined for the latest, which is another one each time. */
function nameOf(codebase: string, revision: string | null | undefined): string | undefined {
    return revision ? `${codebase}\n${revision}` : undefined;
}

/** The one that was asked for, or else the one that a source step says that it got. */
function revisionOf({ revision, codebase }: Stamp, got: unknown): string | undefined {
    const found =
        revision ?? (typeof got === "object" && got !== null ? (got as Record<string, unknown>)[codebase] : got);
    return typeof found === "string" || typeof found === "number" ? String(found) : undefined;
}

/** When a change came is when its source stamp was made; the commit's own time may be long before. Either may be wrong. */
function cameAt({ when_timestamp: committed, sourcestamp }: ChangeRow): number {
    return Math.max(committed, sourcestamp?.created_at ?? committed);
}

function commitOf({ changeid: id, author, comments, revlink }: ChangeRow): Commit {
    const message = comments.trim();
    return {
        id,
        author: author.replace(/\s*<[^<>]*>\s*$/, "") || author,
        title: message.split("\n", 1)[0] ?? "",
        message,
        link: revlink && /^https?:/i.test(revlink) ? revlink : undefined,
    };
}

/** `gone`: masters that do not run. */
export function buildOf(
    row: Omit<BuildRow, "properties" | "sourcestamps">,
    gone: ReadonlySet<number> = new Set(),
): Build {
    const { buildid, builderid: builder, number, started_at: at, complete, complete_at, results, masterid } = row;
    const status = complete ? statusOf(results) : gone.has(masterid) ? "unknown" : "running";
    // Clocks that differ, or were set back, have builds end before they begin.
    const end = complete ? Math.max(at, complete_at ?? at) : undefined;
    return { key: `b${buildid}`, builder, number, status, at, end };
}

function waitingOf({ buildrequestid, builderid: builder, submitted_at: at }: WaitingRow): Build {
    return { key: `w${buildrequestid}`, builder, number: undefined, status: "pending", at, end: undefined };
}
