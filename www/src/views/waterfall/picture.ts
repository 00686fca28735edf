/** All that is drawn, and how large: what changes only when something has happened, or was chosen. */
import { now } from "../../base/time";
import type { Filter } from "../../widgets/filters";
import type { Data } from "./data";
import { etasOf, latestOf, type Etas } from "./etas";
import { commitMatches } from "./filters";
import { LINE } from "./geometry";
import { chosenOf, type Layout, type Layouts } from "./layout";
import { SCREEN } from "./scale";

export const HEAD = 44;
/** Below the oldest build. */
export const FOOT = 96;
/** What waits, of each builder. */
export const MOST_WAITING = 3;
const WAITING = 20;
/** What is still to come, of what runs. */
const AHEAD = 20;
const MOST_AHEAD = 88;
/** A lane that is narrower cannot be read. */
const LANE = 44;

export interface Picture {
    readonly layout: Layout;
    readonly sizes: ReturnType<typeof sizesFor>;
    readonly above: ReturnType<typeof aboveOf>;
    readonly etas: Etas;
    readonly until: number | undefined;
    /** The place of the oldest that is shown; undefined: there is nothing. */
    readonly oldest: number | undefined;
    /** There are older builds. */
    readonly more: boolean;
}

export function pictureOf(
    layouts: Layouts,
    data: Data,
    filter: Filter,
    view: { readonly seconds: number; readonly width: number; readonly until: number | undefined },
): Picture {
    const columns = chosenOf(data, filter);
    const commits = data.commits.filter((commit) => commitMatches(commit, filter));
    const sizes = sizesFor(view.width, columns.length);
    const mostLanes = Math.max(1, Math.floor(sizes.column / LANE));
    const layout = layouts.make(columns, commits, SCREEN / view.seconds, mostLanes);
    const etas = etasOf(data);
    return {
        layout,
        sizes,
        above: aboveOf(layout, latestOf(etas, layout.lanes)),
        etas,
        until: view.until,
        oldest: layout.oldest === undefined ? undefined : layout.scale.place(layout.oldest),
        more: data.more,
    };
}

/** Widths, by how much room there is. */
function sizesFor(width: number, columns: number) {
    const narrow = width < 700;
    const axis = narrow ? 50 : 56;
    const beside = axis + (narrow ? 24 : 160);
    const [least, most] = narrow ? [96, 180] : [108, 260];
    const column = Math.floor(Math.min(most, Math.max(least, (width - beside) / Math.max(1, columns))));
    return { narrow, axis, beside, column };
}

/** What is between the upper edge of the sheet and the present. */
function aboveOf({ lanes, running, scale }: Layout, latest: number | undefined) {
    const waits = Math.max(0, ...lanes.map(({ waiting }) => waiting.length));
    const waiting = (Math.min(waits, MOST_WAITING) + (waits > MOST_WAITING ? 1 : 0)) * WAITING;
    const left = Math.max(0, (latest ?? 0) - now.peek());
    const ahead = Math.min(MOST_AHEAD, Math.max(AHEAD, left * scale.perSecond));
    return {
        waiting,
        // What has just begun is a line high, too, and so above the present itself.
        height: waiting + (running ? ahead + 1.5 * LINE : LINE / 2),
        perSecond: left > 0 ? Math.min(scale.perSecond, ahead / left) : 0,
    };
}
