/**
 * Where the builds of a column stand, in the places of a scale. What ran at the same time stands side by side in lanes;
 * whatever is short is high enough for a line of text, and moves up a little for what is below it; what is too close
 * together for that becomes one box for several. So boxes never overlap, and their number is bounded by the height.
 */
import { countUntil, type Scale } from "./scale";

/** From when to when something ran, in seconds since the epoch; `Infinity`: it still runs. */
export interface Stretch {
    readonly start: number;
    readonly end: number;
}

/** A box: of one build, or of several that are too close together. */
export interface Box {
    /** Indexes of what was placed, in the order of its start. */
    readonly members: readonly number[];
    /** Above; `-Infinity`: as high as the present is. */
    readonly top: number;
    readonly bottom: number;
    readonly lane: number;
    /** How many lanes share the width of the column here. */
    readonly lanes: number;
}

/** A line of text. */
export const LINE = 16;
/** So far may a box be above its time, to stand over another one. */
const MOVED = LINE / 2;
/** What is not higher takes in what would have to move more than that. */
const TAKES_IN = 1.5 * LINE;

interface Placed {
    members: number[];
    top: number;
    bottom: number;
    lane: number;
    lanes: number;
    end: number;
}

/** Place stretches, which are sorted by their start, oldest first. The boxes are in the same order, by their first members. */
export function placed(stretches: readonly Stretch[], scale: Scale, mostLanes: number): Column {
    const boxes: Placed[] = [];
    // Those that overlap, directly or through others: the last box of each lane, and where the first of the group is.
    let lanes: Placed[] = [];
    let group = 0;
    let groupEnd = -Infinity;
    // Above everything of the groups before.
    let floor = Infinity;
    let last: Placed | undefined;

    const close = () => {
        for (let index = group; index < boxes.length; index += 1) {
            const box = boxes[index];
            if (!box) continue;
            box.lanes = lanes.length;
            floor = Math.min(floor, box.top);
        }
        group = boxes.length;
        lanes = [];
    };

    for (const [index, { start, end }] of stretches.entries()) {
        const wanted = scale.place(start);
        const high = end === Infinity ? Infinity : wanted - scale.place(end);
        if (start >= groupEnd) {
            close();
            groupEnd = -Infinity;
        }
        const free = lanes.findIndex((box) => box.end <= start);
        const below = free < 0 ? (lanes.length === 0 ? last : undefined) : lanes[free];
        const limit = free < 0 ? floor : Math.min(floor, lanes[free]?.top ?? floor);
        const full = free < 0 && lanes.length >= mostLanes;
        const into = full
            ? lanes[mostLanes - 1]
            : below && high < LINE && wanted - limit > MOVED && below.bottom - below.top <= TAKES_IN
              ? below
              : undefined;
        groupEnd = Math.max(groupEnd, end);
        if (into) {
            into.members.push(index);
            into.end = Math.max(into.end, end);
            // In a lane that is full the box grows; otherwise the new one is within it, or nearly so.
            if (full) into.top = Math.min(into.top, wanted - Math.max(high, LINE));
            continue;
        }
        const bottom = Math.min(wanted, limit);
        const box = {
            members: [index],
            bottom,
            top: Math.min(wanted - high, bottom - LINE),
            lane: free < 0 ? lanes.length : free,
            lanes: 1,
            end,
        };
        lanes[box.lane] = box;
        boxes.push(box);
        last = box;
    }
    close();
    return new Column(boxes);
}

/** The boxes of a column, to be found by place. */
export class Column {
    readonly boxes: readonly Box[];
    /** The highest top of a box and of all before it: no box before the first that is above a place reaches up to it. */
    readonly #reach: Float64Array;
    /** The lowest bottom of a box and of all after it. */
    readonly #depth: Float64Array;

    constructor(boxes: readonly Box[]) {
        this.boxes = boxes;
        this.#reach = new Float64Array(boxes.length);
        this.#depth = new Float64Array(boxes.length);
        let reach = Infinity;
        for (const [index, { top }] of boxes.entries()) {
            reach = Math.min(reach, top);
            this.#reach[index] = reach;
        }
        let depth = -Infinity;
        for (let index = boxes.length - 1; index >= 0; index -= 1) {
            depth = Math.max(depth, boxes[index]?.bottom ?? -Infinity);
            this.#depth[index] = depth;
        }
    }

    /** Those of which a part is between two places, the upper first. */
    between(top: number, bottom: number): Box[] {
        const { boxes } = this;
        const found: Box[] = [];
        const first = countUntil(boxes.length, (index) => (this.#reach[index] ?? 0) < bottom);
        for (let index = first; index < boxes.length && (this.#depth[index] ?? 0) > top; index += 1) {
            const box = boxes[index];
            if (box && box.top < bottom && box.bottom > top) found.push(box);
        }
        return found;
    }

    /** The index of the box that something was placed in, by its index; -1 if it was not placed. */
    holding(member: number): number {
        const after = countUntil(this.boxes.length, (index) => (this.boxes[index]?.members[0] ?? 0) > member);
        for (let index = after - 1; index >= 0; index -= 1) {
            if (this.boxes[index]?.members.includes(member)) return index;
        }
        return -1;
    }

    /** The index of the box whose middle is nearest to a place; -1 if there is none. `present` is where what runs ends. */
    nearest(place: number, present: number): number {
        let nearest = -1;
        let least = Infinity;
        for (const [index, { top, bottom }] of this.boxes.entries()) {
            const distance = Math.abs((Math.max(top, present) + bottom) / 2 - place);
            if (distance < least) [nearest, least] = [index, distance];
        }
        return nearest;
    }
}

/** Which of so many columns, all of one width, are between two places across: from the first to before the second. */
export function columnsBetween(count: number, width: number, left: number, right: number): [number, number] {
    const first = Math.max(0, Math.floor(left / width));
    const end = Math.min(count, Math.ceil(right / width));
    return [Math.min(first, end), end];
}

/** Heights that add up to `height`, or less where there is nothing to divide: each has its least, what is left goes by weight. */
export function divided(
    height: number,
    parts: readonly { readonly weight: number; readonly least: number }[],
): number[] {
    let least = 0;
    let weights = 0;
    for (const part of parts) {
        least += part.least;
        weights += part.weight;
    }
    if (least >= height) return parts.map((part) => (part.least / least) * height);
    const left = height - least;
    return parts.map((part) => part.least + left * (weights > 0 ? part.weight / weights : 1 / parts.length));
}
