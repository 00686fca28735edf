/** Where lines of a matrix are, which of them are seen, and which cell is beside another. No DOM. */

/** Lengths of lines that follow each other. */
export class Axis {
    /** Where each begins, and at last where all end. */
    readonly #starts: readonly number[];

    constructor(sizes: readonly number[]) {
        const starts = [0];
        for (const size of sizes) starts.push((starts.at(-1) ?? 0) + size);
        this.#starts = starts;
    }

    get count(): number {
        return this.#starts.length - 1;
    }

    get total(): number {
        return this.#starts.at(-1) ?? 0;
    }

    start(index: number): number {
        return this.#starts[Math.min(Math.max(index, 0), this.count)] ?? 0;
    }

    /** The line at a place; before the first it is the first, behind the last the last. */
    at(place: number): number {
        let [low, high] = [0, Math.max(0, this.count - 1)];
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (this.start(middle) <= place) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    /** Those that are seen between two places, and some more at both sides: the first, and the one behind the last. */
    seen(from: number, to: number, more: number): readonly [number, number] {
        if (this.count === 0) return [0, 0];
        return [Math.max(0, this.at(from) - more), Math.min(this.count, this.at(Math.max(from, to - 1)) + 1 + more)];
    }
}

/** How far to scroll so that a line is seen whole: `from` and `to` are what is seen now. */
export function scrolled(axis: Axis, index: number, from: number, length: number): number {
    const [start, end] = [axis.start(index), axis.start(index + 1)];
    if (start < from) return start;
    return end > from + length ? Math.max(0, end - length) : from;
}

export interface Spread {
    /** Pixels of the first column, of each other one, and of the head row. */
    readonly aside: number;
    readonly column: number;
    readonly top: number;
    /** Names run upwards, because columns are narrower than they are. */
    readonly upright: boolean;
}

/**
 * How columns share the room that there is: with names beside each other where all of them find room so, else as narrow as
 * a cell. The first column has what is left. `name`: the longest, and `cell`: a narrow one, in pixels; `aside`, `top`: the least and
 * the most that these may have.
 */
export function spread(
    room: number,
    count: number,
    sizes: { name: number; cell: number; aside: number; top: number },
): Spread {
    const { name, cell, aside, top } = sizes;
    const wide = Math.min(Math.max(name, cell * 2.75), cell * 6);
    const upright = aside + count * wide > room;
    const column = upright ? cell : wide;
    const high = upright ? Math.min(Math.max(name, cell * 1.5), top) : cell * 1.25;
    return { aside: Math.floor(Math.max(aside, room - count * column)), column, top: high, upright };
}

export interface Place {
    readonly row: number;
    readonly column: number;
}

export interface Cells {
    readonly rows: number;
    readonly columns: number;
    readonly has: (row: number, column: number) => boolean;
}

/** The cell that a key leads to, past those where there is nothing; undefined: none. `page`: how many rows a screen has. */
export function beside(cells: Cells, { row, column }: Place, key: string, page: number): Place | undefined {
    const along = (from: number, by: number) => search(cells.columns, from, by, (at) => cells.has(row, at));
    const across = (from: number, by: number) => search(cells.rows, from, by, (at) => cells.has(at, column));
    const inRow = (found: number | undefined) => (found === undefined ? undefined : { row, column: found });
    const inColumn = (found: number | undefined) =>
        found === undefined || found === row ? undefined : { row: found, column };
    switch (key) {
        case "ArrowRight":
            return inRow(along(column + 1, 1));
        case "ArrowLeft":
            return inRow(along(column - 1, -1));
        case "ArrowDown":
            return inColumn(across(row + 1, 1));
        case "ArrowUp":
            return inColumn(across(row - 1, -1));
        case "Home":
            return inRow(along(0, 1));
        case "End":
            return inRow(along(cells.columns - 1, -1));
        case "PageDown": {
            const far = Math.min(row + page, cells.rows - 1);
            return inColumn(across(far, 1) ?? search(cells.rows, far, -1, (at) => at <= row || cells.has(at, column)));
        }
        case "PageUp": {
            const far = Math.max(row - page, 0);
            return inColumn(across(far, -1) ?? search(cells.rows, far, 1, (at) => at >= row || cells.has(at, column)));
        }
    }
    return undefined;
}

/** The first cell in the order of reading; undefined if there is none. */
export function first(cells: Cells): Place | undefined {
    for (let row = 0; row < cells.rows; row++) {
        const column = search(cells.columns, 0, 1, (at) => cells.has(row, at));
        if (column !== undefined) return { row, column };
    }
    return undefined;
}

function search(count: number, from: number, by: number, is: (at: number) => boolean): number | undefined {
    for (let at = from; at >= 0 && at < count; at += by) if (is(at)) return at;
    return undefined;
}
