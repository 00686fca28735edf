/** Times as people read them. The API's are seconds since the epoch, and so are these. */
import { computed, signal, type ReadonlySignal } from "@preact/signals-core";
import { once } from "./once";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

let timer: ReturnType<typeof setInterval> | undefined;
const ticking = signal(present(), {
    watched: () => {
        tick();
        timer = setInterval(tick, 1000);
    },
    unwatched: () => clearInterval(timer),
});

/** The present, each second as long as anything shows it: the one timer of all ages and durations on a page. */
export const now: ReadonlySignal<number> = ticking;

/** The same, each minute. */
export const minute: ReadonlySignal<number> = computed(() => now.value - (now.value % MINUTE));

function tick() {
    ticking.value = present();
}

function present(): number {
    return Math.floor(Date.now() / 1000);
}

/** How long it took, in at most two units: `8 s`, `1 m 05 s`, `2 h 09 m`, `3 d 4 h`. */
export function duration(length: number): string {
    if (length > 0 && length < 1) return "< 1 s";
    const whole = Math.max(0, Math.round(length));
    if (whole < MINUTE) return `${whole} s`;
    if (whole < HOUR) return `${Math.floor(whole / MINUTE)} m ${padded(whole % MINUTE)} s`;
    if (whole < DAY) return `${Math.floor(whole / HOUR)} h ${padded(Math.floor((whole % HOUR) / MINUTE))} m`;
    return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
}

/** The same for machines, as `<time datetime>` takes it. */
export function isoDuration(length: number): string {
    return `PT${Math.max(0, Math.round(length))}S`;
}

/** How long ago, or ahead, in one unit. What clocks that differ put a moment ahead is now. */
export function age(at: number, present: number): string {
    const passed = present - at;
    const size = Math.abs(passed);
    if (size < 5 || (passed < 0 && size < 30)) return "now";
    const text =
        size < MINUTE
            ? `${Math.floor(size)} s`
            : size < HOUR
              ? `${Math.floor(size / MINUTE)} min`
              : size < DAY
                ? `${Math.floor(size / HOUR)} h`
                : size < YEAR
                  ? `${Math.floor(size / DAY)} d`
                  : `${Math.floor(size / YEAR)} y`;
    return passed < 0 ? `in ${text}` : `${text} ago`;
}

/** An age that follows the time, only as often as its text can change. */
export function ageNow(at: number): string {
    const passed = Math.abs(minute.value - at);
    return age(at, passed < HOUR ? now.value : now.peek());
}

const MINUTES = { hour: "numeric", minute: "2-digit" } as const;

/** How the reader writes dates and times: the first of them takes a browser some 20 ms to make. */
export function format(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
    return once(() => new Intl.DateTimeFormat(undefined, options));
}

const full = format({ dateStyle: "full", timeStyle: "long" });
const clock = format(MINUTES);
const seconds = format({ ...MINUTES, second: "2-digit" });
const dateClock = format({ ...MINUTES, month: "short", day: "numeric" });

/** Make what is wanted for times on nearly every page, while there is nothing else to do. */
export function prepareTimes(): void {
    clock();
}

/** The whole of it, with the time zone. */
export function fullTime(at: number): string {
    return full().format(at * 1000);
}

/** The time of day, with the date if it is another day than `present`. */
export function clockTime(at: number, present: number): string {
    const sameDay = new Date(at * 1000).toDateString() === new Date(present * 1000).toDateString();
    return (sameDay ? clock : dateClock)().format(at * 1000);
}

/** The same in little room, between others of its kind: with seconds where it has any, but then without AM or PM. */
export function shortClock(at: number): string {
    if (at % MINUTE === 0) return clock().format(at * 1000);
    const parts = seconds()
        .formatToParts(at * 1000)
        .filter(({ type }) => type !== "dayPeriod");
    return parts
        .map(({ value }) => value)
        .join("")
        .trim();
}

export function isoTime(at: number): string {
    return new Date(at * 1000).toISOString();
}

function padded(value: number): string {
    return String(value).padStart(2, "0");
}
