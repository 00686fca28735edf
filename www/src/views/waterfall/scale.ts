/**
 * Times as places on the waterfall, in pixels: the newest on top, so that places grow downwards into the past. Place 0 is
 * the scale's origin, a fixed time: what has happened stays where it is while time goes on above it. Long stretches in
 * which nothing happened are folded to a strip of one height.
 */

/** A stretch in which nothing happened, in seconds since the epoch. */
export interface Gap {
    readonly from: number;
    readonly to: number;
}

/** A folded stretch, and the places that its strip is between. */
export interface Fold extends Gap {
    readonly top: number;
    readonly bottom: number;
}

/** The height of a folded stretch. */
export const FOLDED = 30;
/** A stretch is folded if it would be higher. */
export const FOLDED_FROM = 150;

/**
 * The stretches between things, oldest first: those after the end of all that began before them. Both arrays are sorted
 * in place. `Infinity` is the end of what has none yet, after which there is no stretch.
 */
export function gapsBetween(starts: Float64Array, ends: Float64Array): Gap[] {
    starts.sort();
    ends.sort();
    const gaps: Gap[] = [];
    for (let index = 0; index + 1 < starts.length; index += 1) {
        // As many things have ended as have begun: nothing is there until the next one begins.
        const from = ends[index] ?? 0;
        const to = starts[index + 1] ?? 0;
        if (to > from) gaps.push({ from, to });
    }
    return gaps;
}

export class Scale {
    readonly perSecond: number;
    /** Oldest first. */
    readonly folds: readonly Fold[];
    /** Where the scale bends, oldest first: the ends of the folds. */
    readonly #times: Float64Array;
    readonly #places: Float64Array;
    readonly #origin: number;

    /** Of so many pixels for a second; gaps are those of `gapsBetween`. */
    constructor(perSecond: number, origin: number, gaps: readonly Gap[]) {
        this.perSecond = perSecond;
        this.#origin = origin;
        const folded = gaps.filter(({ from, to }) => (to - from) * perSecond > FOLDED_FROM);
        this.#times = new Float64Array(folded.length * 2);
        this.#places = new Float64Array(folded.length * 2);
        let time = origin;
        let place = 0;
        for (const [index, { from, to }] of folded.entries()) {
            place -= (from - time) * perSecond;
            this.#times[index * 2] = from;
            this.#places[index * 2] = place;
            place -= FOLDED;
            this.#times[index * 2 + 1] = to;
            this.#places[index * 2 + 1] = place;
            time = to;
        }
        // Which of the places is 0 is known only now that all the folds are.
        const shift = folded.length > 0 ? this.place(origin) : 0;
        for (let index = 0; index < this.#places.length; index += 1) {
            this.#places[index] = (this.#places[index] ?? 0) - shift;
        }
        this.folds = folded.map((gap, index) => ({
            ...gap,
            bottom: this.#places[index * 2] ?? 0,
            top: this.#places[index * 2 + 1] ?? 0,
        }));
    }

    place(time: number): number {
        const times = this.#times;
        const places = this.#places;
        // How many bends are not after it.
        const before = countUntil(times.length, (index) => (times[index] ?? 0) > time);
        if (times.length === 0) return (this.#origin - time) * this.perSecond;
        if (before === 0) return (places[0] ?? 0) + ((times[0] ?? 0) - time) * this.perSecond;
        const from = times[before - 1] ?? 0;
        const place = places[before - 1] ?? 0;
        // After an odd number of bends, it is within a fold.
        if (before % 2 === 1) return place - ((time - from) / ((times[before] ?? 0) - from)) * FOLDED;
        return place - (time - from) * this.perSecond;
    }

    time(place: number): number {
        const times = this.#times;
        const places = this.#places;
        const below = countUntil(places.length, (index) => (places[index] ?? 0) < place);
        if (times.length === 0) return this.#origin - place / this.perSecond;
        if (below === 0) return (times[0] ?? 0) - (place - (places[0] ?? 0)) / this.perSecond;
        const from = times[below - 1] ?? 0;
        const above = (places[below - 1] ?? 0) - place;
        if (below % 2 === 1) return from + (above / FOLDED) * ((times[below] ?? 0) - from);
        return from + above / this.perSecond;
    }
}

/** The first of `length` indexes that has passed, where all after it have, too; `length` if none has. */
export function countUntil(length: number, passed: (index: number) => boolean): number {
    let low = 0;
    let high = length;
    while (low < high) {
        const middle = (low + high) >>> 1;
        if (passed(middle)) high = middle;
        else low = middle + 1;
    }
    return low;
}

/** Where the present is, and whether the time since the last thing that happened is folded. */
export interface Present {
    readonly place: number;
    readonly fold: Fold | undefined;
}

/** The present above `last`, when something last happened (`-Infinity`: never); while something runs, that is all the time. */
export function present(scale: Scale, last: number, now: number, running: boolean): Present {
    if (last === -Infinity) return { place: scale.place(now), fold: undefined };
    const bottom = scale.place(last);
    const height = Math.max(0, now - last) * scale.perSecond;
    if (running || height <= FOLDED_FROM) return { place: bottom - height, fold: undefined };
    return { place: bottom - FOLDED, fold: { from: last, to: now, bottom, top: bottom - FOLDED } };
}

/** How much time a screen of some 600 pixels may show, in seconds; the zoom is one of these. */
export const SPANS: readonly { readonly name: string; readonly seconds: number }[] = [
    { name: "2min", seconds: 120 },
    { name: "5min", seconds: 300 },
    { name: "10min", seconds: 600 },
    { name: "20min", seconds: 1200 },
    { name: "40min", seconds: 2400 },
    { name: "1h", seconds: 3600 },
    { name: "2h", seconds: 7200 },
    { name: "4h", seconds: 14_400 },
    { name: "8h", seconds: 28_800 },
    { name: "12h", seconds: 43_200 },
    { name: "1d", seconds: 86_400 },
    { name: "2d", seconds: 172_800 },
    { name: "4d", seconds: 345_600 },
    { name: "1w", seconds: 604_800 },
    { name: "2w", seconds: 1_209_600 },
    { name: "4w", seconds: 2_419_200 },
];

export const SCREEN = 600;
/** What a build of ordinary length is high, where nobody has said otherwise. */
const ORDINARY = 150;

/** The index in SPANS at which builds of these lengths can be read. */
export function fittingSpan(lengths: readonly number[]): number {
    const sorted = lengths.filter((length) => length > 0).sort((a, b) => a - b);
    const median = sorted[sorted.length >>> 1] ?? 120;
    const wanted = (SCREEN / ORDINARY) * median;
    const found = countUntil(SPANS.length, (index) => (SPANS[index]?.seconds ?? 0) >= wanted);
    return Math.min(found, SPANS.length - 1);
}
