/** Where lines of a log stand, however many there are. Pure: pixels and numbers, no DOM. */

/** Pixels that an element may be high: Firefox cuts off at 17.9 million, others at 33. */
export const HIGHEST = 8_000_000;

/** What can be scrolled, and how much of it is seen at once, in pixels. */
export interface Extent {
    readonly content: number;
    readonly viewport: number;
}

/** Where the window on the content is (`at`), and what the browser believes (`scrollTop`): the same, unless the content is too high. */
export interface Place {
    readonly at: number;
    readonly scrollTop: number;
}

/** How high the element is that is scrolled. */
export function heightOf({ content }: Extent): number {
    return Math.min(content, HIGHEST);
}

function lowest({ content, viewport }: Extent): number {
    return Math.max(0, content - viewport);
}

/**
 * How far the browser has scrolled when the window is at `at`. Near both ends it is as far as it is from the end: so there is always some
 * way to go, and the end is reached exactly. In between it is in proportion.
 */
function squeezed(at: number, extent: Extent): number {
    const [low, range] = [lowest(extent), HIGHEST - extent.viewport];
    if (at <= EDGE) return at;
    if (low - at <= EDGE) return range - (low - at);
    return EDGE + ((at - EDGE) / (low - 2 * EDGE)) * (range - 2 * EDGE);
}

/** The other way round. */
function stretched(scrollTop: number, extent: Extent): number {
    const [low, range] = [lowest(extent), HIGHEST - extent.viewport];
    if (scrollTop <= EDGE) return scrollTop;
    if (range - scrollTop <= EDGE) return low - (range - scrollTop);
    return EDGE + ((scrollTop - EDGE) / (range - 2 * EDGE)) * (low - 2 * EDGE);
}

/** Pixels. Nobody goes so far in one movement, line by line. */
const EDGE = HIGHEST / 8;

function within(at: number, extent: Extent): number {
    return Math.min(Math.max(0, at), lowest(extent));
}

/** The place that the browser is to be told of, for a window at `at`. */
export function placeAt(at: number, extent: Extent): Place {
    const kept = within(at, extent);
    return { at: kept, scrollTop: extent.content <= HIGHEST ? kept : squeezed(kept, extent) };
}

/**
 * The place after the browser has scrolled to `scrollTop`: what is near is gone to line by line, as by wheel, finger and keys; what is
 * far, as by dragging the bar, in proportion. `at` and `scrollTop` drift apart by the former; `placeAt` brings them together again, once
 * nothing moves any more.
 */
export function scrolledTo(scrollTop: number, before: Place, extent: Extent): Place {
    const moved = scrollTop - before.scrollTop;
    const isFar = Math.abs(moved) > 3 * extent.viewport;
    const at = extent.content <= HIGHEST ? scrollTop : isFar ? stretched(scrollTop, extent) : before.at + moved;
    return { at: within(at, extent), scrollTop };
}

/** Both numbers belong to it. */
export interface Range {
    readonly first: number;
    readonly last: number;
}

/** Lines that are folded away, of which the line before tells. What is shown are rows, numbered from 0. */
export class Folds {
    /** In order, apart from each other. */
    readonly hidden: readonly Range[];

    constructor(hidden: readonly Range[] = []) {
        this.hidden = hidden;
    }

    /** With one more; those that are within it go with it. */
    with(range: Range): Folds {
        const apart = this.hidden.filter(({ first, last }) => last < range.first || first > range.last);
        const touched = this.hidden.filter(({ first, last }) => last >= range.first && first <= range.last);
        const whole = {
            first: Math.min(range.first, ...touched.map(({ first }) => first)),
            last: Math.max(range.last, ...touched.map(({ last }) => last)),
        };
        return new Folds([...apart, whole].sort((a, b) => a.first - b.first));
    }

    /** Without the one that begins at a line, or that has it. */
    without(line: number): Folds {
        return new Folds(this.hidden.filter(({ first, last }) => line < first || line > last));
    }

    isFolded(line: number): boolean {
        return this.hidden.some(({ first, last }) => line >= first && line <= last);
    }

    rowsOf(lines: number): number {
        return this.hidden.reduce(
            (rows, { first, last }) => rows - Math.max(0, Math.min(last, lines - 1) - first + 1),
            lines,
        );
    }

    lineOf(row: number): number {
        let line = row;
        for (const { first, last } of this.hidden) {
            if (line < first) break;
            line += last - first + 1;
        }
        return line;
    }

    /** Of a line that is folded away, the one that tells of it. */
    rowOf(line: number): number {
        let row = line;
        for (const { first, last } of this.hidden) {
            if (line < first) break;
            row -= line > last ? last - first + 1 : line - first + 1;
        }
        return Math.max(0, row);
    }
}

/** The rows that are seen, each with its line, and where the first of them stands. */
export function rowsIn(at: number, extent: Extent, height: number, rows: number): Range & { readonly top: number } {
    const first = Math.min(Math.floor(at / height), Math.max(0, rows - 1));
    const last = Math.min(rows - 1, Math.floor((at + extent.viewport) / height));
    return { first, last, top: first * height - at };
}

/** Where to go so that a row can be seen, with some before it; the same place if it is seen already, and not at the edge. */
export function reveal(row: number, at: number, viewport: number, height: number): number {
    const top = row * height;
    return top >= at + height && top + 2 * height <= at + viewport ? at : Math.max(0, top - viewport / 3);
}
