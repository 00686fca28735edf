/** Where the charts of a builder draw what. Heights are parts of a chart's: 0 at its ground, 1 at its top. */
import { isBad, statusOf, type Status } from "../../base/results";
import { counted } from "../../base/text";
import type { TrendRow } from "./queries";

export interface Bar {
    readonly number: number;
    readonly status: Status;
    readonly seconds: number;
    readonly at: number;
    readonly height: number;
}

export interface Durations {
    /** One for each build, oldest first. */
    readonly bars: readonly Bar[];
    /** How many went well. */
    readonly good: number;
    /** The usual length: the median of those that went well; undefined: none did. */
    readonly median: number | undefined;
    readonly ticks: readonly Tick[];
}

export interface Tick {
    readonly seconds: number;
    readonly height: number;
}

/** Lengths at which a line can stand, in seconds. */
const MINUTE = 60;
const HOUR = 3600;
const ROUND = [
    1,
    2,
    5,
    10,
    20,
    30,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    12 * HOUR,
    24 * HOUR,
    48 * HOUR,
    96 * HOUR,
];
const MOST_TICKS = 3;
/** What is longer than so many times the usual is cut off there, so that one build that hung does not flatten all others. */
const CUT = 4;

/** `rows` have the newest first. */
export function durationsOf(rows: readonly TrendRow[], most: number): Durations {
    const told = rows
        .slice(0, most)
        .flatMap(({ number, results, started_at, complete_at }) =>
            complete_at === null
                ? []
                : [
                      {
                          number,
                          status: statusOf(results),
                          seconds: Math.max(0, complete_at - started_at),
                          at: complete_at,
                      },
                  ],
        )
        .reverse();
    const good = told.filter(({ status }) => isGood(status)).map(({ seconds }) => seconds);
    const median = medianOf(good);
    const longest = Math.max(1, ...told.map(({ seconds }) => seconds));
    const top = (median ? Math.min(longest, median * CUT) : longest) * 1.05;
    const step = ROUND.find((each) => top / each <= MOST_TICKS + 0.99) ?? top;
    return {
        bars: told.map((each) => ({ ...each, height: Math.min(1, each.seconds / top) })),
        good: good.length,
        median,
        ticks: Array.from({ length: Math.floor(top / step) }, (_, index) => ({
            seconds: (index + 1) * step,
            height: ((index + 1) * step) / top,
        })),
    };
}

function medianOf(values: readonly number[]): number | undefined {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}

/** All bars of a status as one drawing, in a box that is one high and as wide as there are bars. */
export function barsPath(bars: readonly Bar[], status: Status): string {
    return bars
        .map((bar, index) =>
            bar.status === status ? `M${index + 0.1} 1V${rounded(1 - Math.max(bar.height, 0.015))}h.8V1z` : "",
        )
        .join("");
}

export interface Period {
    /** When it began, and how long it is. */
    readonly from: number;
    readonly length: number;
    readonly good: number;
    readonly bad: number;
}

const DAY = 24 * HOUR;
const LENGTHS = [HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 28 * DAY, 91 * DAY, 364 * DAY];

/** Builds of a period, at least, on the whole: how one went is no rate. */
const TELLING = 2;

/**
 * How many went well of those that say something, by equal periods up to the present; the oldest first. Those without any are among
 * them. The first begins with the oldest build.
 */
export function periodsOf(rows: readonly TrendRow[], present: number, most: number): Period[] {
    const told = rows.filter(({ results, complete_at }) => {
        const status = statusOf(results);
        return complete_at !== null && (isGood(status) || isBad(status));
    });
    if (told.length === 0) return [];
    const ended = told.map(({ complete_at }) => complete_at ?? 0);
    const oldest = Math.min(...ended);
    const few = Math.min(most, Math.max(1, Math.floor(told.length / TELLING)));
    const length = LENGTHS.find((each) => (present - oldest) / each < few) ?? Math.ceil((present - oldest + 1) / few);
    // The same periods whenever one looks: they begin at multiples of their length, but for one alone.
    const first = few === 1 ? oldest / length : Math.floor(oldest / length);
    const count = Math.floor(Math.max(present, ...ended) / length - first) + 1;
    const periods = Array.from({ length: count }, (_, index) => ({
        from: Math.max(oldest, (first + index) * length),
        length,
        good: 0,
        bad: 0,
    }));
    for (const { results, complete_at } of told) {
        const period = periods[Math.floor((complete_at ?? 0) / length - first)];
        if (!period) continue;
        if (isBad(statusOf(results))) period.bad += 1;
        else period.good += 1;
    }
    return periods;
}

/** Of so many builds a part of a hundred says more than they do. */
const MANY = 20;

/** How many went well, in words; undefined of none. */
export function rateOf(periods: readonly Period[]): string | undefined {
    const good = periods.reduce((sum, each) => sum + each.good, 0);
    const all = periods.reduce((sum, each) => sum + each.good + each.bad, 0);
    if (all === 0) return undefined;
    return `${all < MANY ? good : percent(good / all)} of ${counted(all, "build")}`;
}

export function percent(part: number): string {
    // A hundred is said only where all is meant.
    return `${part < 1 ? Math.min(99, Math.round(part * 100)) : 100}%`;
}

function isGood(status: Status): boolean {
    return status === "success" || status === "warnings";
}

function rounded(value: number): number {
    return Math.round(value * 10000) / 10000;
}
