/**
 * Everything's place: columns of builds, changes, and the scale that they share. Made anew for each change of what is
 * shown; what has not changed since the last time is taken from there, so that fifty events in a second cost little.
 */
import { compareNames } from "../../base/text";
import type { Filter } from "../../widgets/filters";
import { buildMatches, hasTag, nameMatches, narrows } from "./filters";
import { placed, type Column, type Stretch } from "./geometry";
import type { Build, Builder, Commit, Waiting } from "./model";
import { gapsBetween, Scale, type Gap } from "./scale";

export interface Lane {
    readonly builder: Builder;
    /** Oldest first. */
    readonly builds: readonly Build[];
    readonly column: Column;
    /** In the order in which they will be built. */
    readonly waiting: readonly Waiting[];
}

export interface Layout {
    readonly scale: Scale;
    readonly lanes: readonly Lane[];
    readonly commits: readonly Commit[];
    readonly commitColumn: Column;
    /** When the first of what is shown began; undefined: there is nothing. */
    readonly oldest: number | undefined;
    /** When something last began or ended. */
    readonly last: number;
    readonly running: boolean;
}

export interface Shown {
    readonly builders: readonly Builder[];
    readonly builds: ReadonlyMap<number, readonly Build[]>;
    readonly waiting: ReadonlyMap<number, readonly Waiting[]>;
}

const NO_BUILDS: readonly Build[] = [];
const NONE_WAITING: readonly Waiting[] = [];

/** The highest that browsers can scroll, with some room. */
const HIGHEST = 12_000_000;

export class Layouts {
    readonly #origin: number;
    #last: Layout | undefined;
    #mostLanes = 1;

    /** Places are counted from a time that stays the same. */
    constructor(origin: number) {
        this.#origin = origin;
    }

    /** The layout at so many pixels for a second, of columns that have room for so many lanes. */
    make(chosen: readonly Chosen[], all: readonly Commit[], perSecond: number, mostLanes: number): Layout {
        const commits = all.toSorted((a, b) => a.at - b.at || a.id - b.id);
        const extent = extentOf(chosen.map(({ builds }) => builds));
        // Changes from before the oldest build that was asked for are not part of the picture.
        const shownCommits =
            extent.oldest === undefined ? commits : commits.filter(({ at }) => at >= (extent.oldest ?? 0));
        const scale = this.#scale(perSecond, extent, shownCommits);
        const before = this.#last?.scale === scale && this.#mostLanes === mostLanes ? this.#last : undefined;
        const known = new Map(before?.lanes.map((lane) => [lane.builder.id, lane]));
        const lanes = chosen.map(({ builder, builds, waiting }): Lane => {
            const old = known.get(builder.id);
            const column = old && same(old.builds, builds) ? old.column : placed(builds, scale, mostLanes);
            if (old && old.column === column && old.builder === builder && old.waiting === waiting) return old;
            return { builder, builds: old?.column === column ? old.builds : builds, column, waiting };
        });
        const sameCommits = before !== undefined && same(before.commits, shownCommits);
        this.#mostLanes = mostLanes;
        this.#last = {
            scale,
            lanes,
            commits: sameCommits ? before.commits : shownCommits,
            commitColumn: sameCommits ? before.commitColumn : placed(shownCommits.map(moment), scale, 1),
            oldest: extent.oldest,
            last: Math.max(extent.last, shownCommits.at(-1)?.at ?? -Infinity),
            running: extent.running,
        };
        return this.#last;
    }

    /** The same scale as before, where it would be the same. */
    #scale(perSecond: number, extent: Extent, commits: readonly Commit[]): Scale {
        const height = (extent.last - (extent.oldest ?? extent.last)) * perSecond;
        let made = new Scale(perSecond, this.#origin, gapsOf(extent, commits));
        if (height > HIGHEST && extent.oldest !== undefined) {
            // Without what is folded it may be low enough.
            const real = made.place(extent.oldest) - made.place(extent.last);
            if (real > HIGHEST) {
                made = new Scale((perSecond * HIGHEST) / real, this.#origin, gapsOf(extent, commits));
            }
        }
        const old = this.#last?.scale;
        return old && old.perSecond === made.perSecond && sameGaps(old.folds, made.folds) ? old : made;
    }
}

/** A column that is to be shown. */
export interface Chosen {
    readonly builder: Builder;
    readonly builds: readonly Build[];
    readonly waiting: readonly Waiting[];
}

/** The columns in the order of their names: of all builders, or where builds are left out, of those with some left. */
export function chosenOf(shown: Shown, filter: Filter): Chosen[] {
    const narrowed = narrows(filter);
    const chosen: Chosen[] = [];
    for (const builder of shown.builders) {
        if (!hasTag(builder, filter)) continue;
        const all = shown.builds.get(builder.id) ?? NO_BUILDS;
        const named = nameMatches(builder, filter);
        const builds = narrowed ? all.filter((build) => buildMatches(build, filter, named)) : all;
        const waits = shown.waiting.get(builder.id) ?? NONE_WAITING;
        const waiting = narrowed && !waitingMatches(filter, named) ? NONE_WAITING : waits;
        const empty = builds.length === 0 && waiting.length === 0;
        const kept = !empty || (narrowed ? filter.text !== "" && named : builder.active);
        if (kept) chosen.push({ builder, builds, waiting });
    }
    // A server without any build, or none that runs now: its builders, all the same.
    if (chosen.length === 0 && !narrowed) {
        for (const builder of shown.builders) {
            if (hasTag(builder, filter)) chosen.push({ builder, builds: NO_BUILDS, waiting: NONE_WAITING });
        }
    }
    return chosen.sort((a, b) => compareNames(a.builder.name, b.builder.name) || a.builder.id - b.builder.id);
}

/** What waits has no branch or text that is known here. */
function waitingMatches({ branch, results }: Filter, named: boolean): boolean {
    return named && branch === "" && (results.length === 0 || results.includes("pending"));
}

interface Extent {
    readonly oldest: number | undefined;
    readonly last: number;
    readonly running: boolean;
    readonly starts: Float64Array;
    readonly ends: Float64Array;
}

function extentOf(columns: readonly (readonly Stretch[])[]): Extent {
    const count = columns.reduce((sum, column) => sum + column.length, 0);
    const starts = new Float64Array(count);
    const ends = new Float64Array(count);
    let index = 0;
    let [oldest, last] = [Infinity, -Infinity];
    let running = false;
    for (const column of columns) {
        for (const { start, end } of column) {
            starts[index] = start;
            ends[index] = end;
            index += 1;
            oldest = Math.min(oldest, start);
            last = Math.max(last, end === Infinity ? start : end);
            running ||= end === Infinity;
        }
    }
    return { oldest: count > 0 ? oldest : undefined, last, running, starts, ends };
}

function gapsOf({ starts, ends }: Extent, commits: readonly Commit[]): Gap[] {
    const times = Float64Array.from(commits, ({ at }) => at);
    return gapsBetween(joined(starts, times), joined(ends, times));
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
    const both = new Float64Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return both;
}

function moment({ at }: Commit): Stretch {
    return { start: at, end: at };
}

function same<Thing>(a: readonly Thing[], b: readonly Thing[]): boolean {
    return a.length === b.length && a.every((thing, index) => thing === b[index]);
}

function sameGaps(a: readonly Gap[], b: readonly Gap[]): boolean {
    return a.length === b.length && a.every(({ from, to }, index) => from === b[index]?.from && to === b[index].to);
}
