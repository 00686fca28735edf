/** The lines of the list of builders, from the rows of the API; which of them a filter leaves, and in which order. */
import { grouped } from "../../base/grouped";
import { isDeserted } from "../../base/masters";
import { compareStatus, isBad, statusOf, type Status } from "../../base/results";
import { compareNames } from "../../base/text";
import type { Filter } from "../../widgets/filters";
import { STRIP, type BuilderRow, type BuildRow, type MasterRow, type WaitingRow } from "./queries";

export interface Line {
    readonly id: number;
    readonly name: string;
    readonly tags: readonly string[];
    /** Of the last build that is complete; pending: there is none. */
    readonly status: Status;
    /** The last build that says how the code is went badly. */
    readonly broken: boolean;
    /** The last builds, oldest first; without those that a master was at when it died. */
    readonly builds: readonly BuildRow[];
    readonly last: BuildRow | undefined;
    readonly running: readonly BuildRow[];
    readonly state: "building" | "idle" | "offline";
    readonly waiting: number;
    /** When the oldest of those that wait came. */
    readonly oldest: number | undefined;
    /** How long a good build takes. */
    readonly usual: number | undefined;
    /** How long the last ones took that came to an end, oldest first. */
    readonly durations: readonly Taken[];
}

export interface Taken {
    readonly number: number;
    readonly seconds: number;
    readonly status: Status;
}

export interface Rows {
    readonly builders: readonly BuilderRow[];
    readonly offline: readonly { readonly builderid: number }[];
    readonly waiting: readonly WaitingRow[];
    readonly masters: readonly MasterRow[];
}

/** As many good builds as the server's estimate is made of. */
const USUAL = 5;

/** Lines of rows that are as they were, in a world that is as it was, stay the same objects. */
const known = new WeakMap<BuilderRow, { readonly world: string; readonly line: Line }>();

export function linesOf(rows: Rows): Line[] {
    const dead = new Set(rows.masters.filter(({ active }) => !active).map(({ masterid }) => masterid));
    const offline = new Set(rows.offline.map(({ builderid }) => builderid));
    const waiting = grouped(rows.waiting, ({ builderid }) => builderid);
    const masters = [...dead].join();
    const deserted = isDeserted(rows.masters);
    return rows.builders
        .filter(({ masterids }) => deserted || masterids.length > 0)
        .map((row) => {
            const since = waiting.get(row.builderid)?.map(({ submitted_at }) => submitted_at) ?? [];
            const isOffline = offline.has(row.builderid);
            const world = `${masters} ${isOffline} ${since.join()}`;
            const before = known.get(row);
            if (before?.world === world) return before.line;
            const line = lineOf(row, dead, isOffline, since);
            known.set(row, { world, line });
            return line;
        });
}

function lineOf(
    { builderid: id, name, tags, builds: rows }: BuilderRow,
    dead: ReadonlySet<number>,
    offline: boolean,
    waiting: readonly number[],
): Line {
    // What came by events makes more of them.
    const builds = rows
        .filter(({ results, masterid }) => results !== null || !dead.has(masterid))
        .slice(0, STRIP)
        .reverse();
    const ended = builds.filter(({ results }) => results !== null);
    const running = builds.filter(({ results }) => results === null);
    const last = ended.at(-1);
    const telling = ended.map(({ results }) => statusOf(results)).filter((status) => isBad(status) || isGood(status));
    return {
        id,
        name,
        tags,
        status: last ? statusOf(last.results) : "pending",
        broken: isBad(telling.at(-1) ?? "success"),
        builds,
        last,
        running,
        state: running.length > 0 ? "building" : offline ? "offline" : "idle",
        waiting: waiting.length,
        oldest: waiting.length ? Math.min(...waiting) : undefined,
        usual: usualOf(ended),
        durations: ended.flatMap(({ number, started_at, complete_at, results }) => {
            const status = statusOf(results);
            const told = complete_at !== null && (isBad(status) || isGood(status));
            return told ? [{ number, seconds: complete_at - started_at, status }] : [];
        }),
    };
}

function isGood(status: Status): boolean {
    return status === "success" || status === "warnings";
}

/** The mean of the last good builds, of which the server makes its estimates too. */
function usualOf(ended: readonly BuildRow[]): number | undefined {
    const good = ended
        .filter(({ results }) => isGood(statusOf(results)))
        .slice(-USUAL)
        .map(({ started_at, complete_at }) => (complete_at ?? started_at) - started_at);
    return good.length ? good.reduce((sum, each) => sum + each, 0) / good.length : undefined;
}

export const ORDERS = ["failing", "name", "last", "queue", "duration"] as const;
export type Order = (typeof ORDERS)[number];

/** Those of equal rank go by name. */
const COMPARE: Readonly<Record<Order, (a: Line, b: Line) => number>> = {
    // Of what was never built there is nothing to say.
    failing: (a, b) =>
        Number(b.broken) - Number(a.broken) || Number(!a.last) - Number(!b.last) || compareStatus(a.status, b.status),
    name: () => 0,
    last: (a, b) => (b.last?.complete_at ?? 0) - (a.last?.complete_at ?? 0),
    queue: (a, b) => b.waiting - a.waiting,
    duration: (a, b) => (b.usual ?? -1) - (a.usual ?? -1),
};

export function sorted(lines: readonly Line[], order: Order): Line[] {
    return [...lines].sort((a, b) => COMPARE[order](a, b) || compareNames(a.name, b.name));
}

/** Of several words all must be in the name or a tag; of several tags or results one is enough. */
export function matches(
    { name, tags, status, running, waiting }: Line,
    { text, tag, results }: Omit<Filter, "branch">,
): boolean {
    const said = [name, ...tags].join("\n").toLowerCase();
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const all = [status, ...(running.length ? ["running"] : []), ...(waiting ? ["pending"] : [])];
    return (
        words.every((word) => said.includes(word)) &&
        (tag.length === 0 || tag.some((each) => tags.includes(each))) &&
        (results.length === 0 || results.some((each) => all.includes(each)))
    );
}

/** All tags, by name. */
export function tagsOf(lines: readonly Line[]): string[] {
    return [...new Set(lines.flatMap(({ tags }) => tags))].sort(compareNames);
}
