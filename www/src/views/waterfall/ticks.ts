/** The lines at round times: of the reader's own time zone, so that days begin at midnight there. */
import type { Scale } from "./scale";

export interface Tick {
    readonly time: number;
    readonly place: number;
    /** It is midnight: the day is to be named. */
    readonly day: boolean;
}

/** In seconds; days and more are counted by the calendar, since not all have 24 hours. */
const STEPS = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200];
const DAYS = [1, 2, 7, 14, 28];
const DAY = 86_400;
/** Lines are so far apart at least. */
const APART = 56;
/** A window of this many pixels has no more lines, however it is folded. */
const MOST = 400;

/** Those between two places, the upper first. Folded stretches have none. */
export function ticks(scale: Scale, top: number, bottom: number): Tick[] {
    const least = APART / scale.perSecond;
    const seconds = STEPS.find((step) => step >= least);
    const days = DAYS.find((count) => count * DAY >= least) ?? 28;
    const found: Tick[] = [];
    let time = roundedDown(scale.time(top), seconds, days);
    while (found.length < MOST) {
        const fold = scale.folds.find(({ from, to }) => from <= time && time <= to);
        if (fold) {
            time = roundedDown(fold.from - 1e-3, seconds, days);
            continue;
        }
        const place = scale.place(time);
        if (place > bottom) break;
        if (place >= top) found.push({ time, place, day: startOfDay(time) === time });
        time = roundedDown(time - 1, seconds, days);
    }
    return found;
}

function roundedDown(time: number, seconds: number | undefined, days: number): number {
    const midnight = startOfDay(time);
    if (seconds !== undefined) return midnight + Math.floor((time - midnight) / seconds) * seconds;
    const date = new Date(midnight * 1000);
    // Days since some Monday, by the calendar.
    const count = Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 1000 / DAY) + 3;
    date.setDate(date.getDate() - (count % days));
    return date.getTime() / 1000;
}

export function startOfDay(time: number): number {
    return new Date(time * 1000).setHours(0, 0, 0, 0) / 1000;
}
