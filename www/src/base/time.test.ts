import { effect } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { age, ageNow, clockTime, duration, now, shortClock } from "./time";

test.each([
    [0, "0 s"],
    [0.2, "< 1 s"],
    [-3, "0 s"],
    [59.4, "59 s"],
    [59.6, "1 m 00 s"],
    [65, "1 m 05 s"],
    [3600, "1 h 00 m"],
    [7789, "2 h 09 m"],
    [86400 * 3 + 3600 * 4, "3 d 4 h"],
])("a duration of %s s is %s", (length, text) => {
    expect(duration(length)).toBe(text);
});

test.each([
    [0, "now"],
    [-29, "now"],
    [5, "5 s ago"],
    [119, "1 min ago"],
    [3599, "59 min ago"],
    [7199, "1 h ago"],
    [86400 * 2, "2 d ago"],
    [86400 * 800, "2 y ago"],
    [-90, "in 1 min"],
])("what is %s s past is %s", (passed, text) => {
    expect(age(1_000_000_000 - passed, 1_000_000_000)).toBe(text);
});

test("a clock shows the day only of other days", () => {
    const noon = new Date(2026, 5, 15, 12, 30).getTime() / 1000;
    expect(clockTime(noon, noon + 60)).not.toContain("15");
    expect(clockTime(noon, noon + 86400)).toContain("15");
});

test("a clock in little room has seconds where there are any, and is that of the place where one reads", () => {
    const time = new Date(2026, 5, 15, 21, 8).getTime() / 1000;
    expect(shortClock(time)).toBe(clockTime(time, time));
    expect(shortClock(time + 30)).toMatch(/^(9|09|21):08:30$/);
    expect(shortClock(time + 30).startsWith(clockTime(time, time).replace(/\s.*/, ""))).toBe(true);
});

/** The begin of a minute. */
const START = 1_000_000_020;

describe("the clock of a page", () => {
    beforeEach(() => vi.useFakeTimers({ now: START * 1000 }));
    afterEach(() => vi.useRealTimers());

    test("goes only while something shows it, with one timer for all", () => {
        expect(vi.getTimerCount()).toBe(0);
        const ends = [1, 2, 3].map(() => now.subscribe(() => undefined));
        expect(vi.getTimerCount()).toBe(1);
        ends.forEach((end) => end());
        expect(vi.getTimerCount()).toBe(0);
    });

    test("is right at once when it is shown again", () => {
        vi.setSystemTime((START + 500) * 1000);
        const seen: number[] = [];
        const end = effect(() => {
            seen.push(now.value);
        });
        expect(seen.at(-1)).toBe(START + 500);
        end();
    });

    test("makes old ages anew each minute only", () => {
        let [recent, old] = [0, 0];
        const ends = [
            effect(() => {
                ageNow(START - 60);
                recent++;
            }),
            effect(() => {
                ageNow(START - 86400);
                old++;
            }),
        ];
        const before = [recent, old];
        vi.advanceTimersByTime(20_000);
        expect([recent, old]).toEqual([Number(before[0]) + 20, before[1]]);
        vi.advanceTimersByTime(60_000);
        expect(old).toBe(Number(before[1]) + 1);
        ends.forEach((end) => end());
    });
});
