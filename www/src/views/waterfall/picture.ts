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
const AHEAD = 48;
/** A lane that is narrower cannot be read. */
const LANE = 44;

export interface Picture {
    readonly layout: Layout;
    readonly sizes: ReturnType<typeof sizesFor>;
    readonly above: Above;
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
    before: Picture | undefined,
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
        above: aboveOf(layout, latestOf(etas, layout.lanes), before?.above),
        etas,
        until: view.until,
        oldest: layout.oldest === undefined ? undefined : layout.scale.place(layout.oldest),
        more: data.more,
    };
}

/** Widths, by how much room there is. */
function sizesFor(width: number, columns: number) {
    const narrow = width < 700;
    // With room for AM and PM: whether the reader's clock has them is not known yet.
    const axis = narrow ? 62 : 68;
    const beside = axis + (narrow ? 24 : 160);
    const [least, most] = narrow ? [96, 180] : [108, 260];
    const column = Math.floor(Math.min(most, Math.max(least, (width - beside) / Math.max(1, columns))));
    return { narrow, axis, beside, column };
}

/** What is between the upper edge of the sheet and the present: as high as it ever was, so that nothing jumps. */
function aboveOf({ lanes, running, scale }: Layout, latest: number | undefined, before: Above | undefined): Above {
    const waits = Math.max(0, ...lanes.map(({ waiting }) => waiting.length));
    const rows = Math.min(waits, MOST_WAITING) + (waits > MOST_WAITING ? 1 : 0);
    const waiting = Math.max(rows * WAITING, before?.waiting ?? 0);
    // What has just begun is a line high, too, and so above the present itself.
    const ahead = Math.max(running ? AHEAD + 1.5 * LINE : LINE / 2, before ? before.height - before.waiting : 0);
    const left = Math.max(1, (latest ?? 0) - now.peek());
    return { waiting, height: waiting + ahead, perSecond: Math.min(scale.perSecond, AHEAD / left) };
}

interface Above {
    /** For what waits. */
    readonly waiting: number;
    readonly height: number;
    /** How high what is still to come is drawn. */
    readonly perSecond: number;
}
