import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fittingSpan, FOLDED, gapsBetween, present, Scale, SPANS } from "./scale";
import { startOfDay, ticks } from "./ticks";

const NOON = startOfDay(1_790_000_000) + 43_200;

describe("gapsBetween", () => {
    test("finds when nothing ran", () => {
        expect(gapsBetween(Float64Array.of(50, 0, 20), Float64Array.of(60, 10, 30))).toEqual([
            { from: 10, to: 20 },
            { from: 30, to: 50 },
        ]);
    });

    test("finds none while something runs, and none after what has no end", () => {
        expect(gapsBetween(Float64Array.of(0, 20, 50), Float64Array.of(40, 30, 60))).toEqual([{ from: 40, to: 50 }]);
        expect(gapsBetween(Float64Array.of(0, 20, 50), Float64Array.of(Infinity, 30, 60))).toEqual([]);
        expect(gapsBetween(new Float64Array(), new Float64Array())).toEqual([]);
    });
});

describe("Scale", () => {
    test("goes down into the past", () => {
        const scale = new Scale(2, 1000, []);
        expect(scale.place(1000)).toBe(0);
        expect(scale.place(990)).toBe(20);
        expect(scale.place(1010)).toBe(-20);
        expect(scale.time(20)).toBe(990);
    });

    test("folds long gaps to a strip, and leaves short ones", () => {
        const scale = new Scale(1, 10_000, [
            { from: 1000, to: 1100 },
            { from: 2000, to: 8000 },
        ]);
        expect(scale.folds).toEqual([{ from: 2000, to: 8000, top: 2000, bottom: 2000 + FOLDED }]);
        expect(scale.place(8000)).toBe(2000);
        expect(scale.place(1000)).toBe(3000 + FOLDED);
        expect(scale.time(2000 + FOLDED / 2)).toBe(5000);
    });

    test("keeps everything in order, gives each place its time back, and its origin the place 0", () => {
        const gaps = fc
            .uniqueArray(fc.integer({ min: 0, max: 100_000 }), { maxLength: 20 })
            .map((times) => times.sort((a, b) => a - b))
            .map((times) =>
                times.flatMap((to, index) => (index % 2 === 1 ? [{ from: times[index - 1] ?? 0, to }] : [])),
            );
        fc.assert(
            fc.property(
                gaps,
                fc.integer({ min: 0, max: 100_000 }),
                fc.array(fc.integer({ min: -1000, max: 101_000 })),
                (folded, origin, times) => {
                    const scale = new Scale(0.5, origin, folded);
                    expect(scale.place(origin)).toBeCloseTo(0);
                    const sorted = times.sort((a, b) => a - b);
                    for (const [index, time] of sorted.entries()) {
                        expect(scale.time(scale.place(time))).toBeCloseTo(time, 3);
                        const earlier = sorted[index - 1];
                        if (earlier !== undefined && earlier < time) {
                            expect(scale.place(time)).toBeLessThan(scale.place(earlier));
                        }
                    }
                },
            ),
        );
    });

    test("has what is above at the same place, whatever is folded below", () => {
        const few = new Scale(1, 10_000, [{ from: 8000, to: 9000 }]);
        const more = new Scale(1, 10_000, [
            { from: 1000, to: 5000 },
            { from: 8000, to: 9000 },
        ]);
        for (const time of [5000, 7000, 8500, 9500]) expect(more.place(time)).toBeCloseTo(few.place(time));
    });
});

describe("present", () => {
    const scale = new Scale(1, 1000, []);

    test("is above what happened last", () => {
        expect(present(scale, 1000, 1100, false)).toEqual({ place: -100, fold: undefined });
    });

    test("folds a long time since then", () => {
        expect(present(scale, 1000, 9000, false)).toEqual({
            place: -FOLDED,
            fold: { from: 1000, to: 9000, bottom: 0, top: -FOLDED },
        });
    });

    test("folds nothing while something runs", () => {
        expect(present(scale, 1000, 9000, true)).toEqual({ place: -8000, fold: undefined });
    });

    test("is not below what happened last, where clocks differ", () => {
        expect(present(scale, 1000, 990, false).place).toBe(0);
    });

    test("is where it is if nothing ever happened", () => {
        expect(present(scale, -Infinity, 1100, false)).toEqual({ place: -100, fold: undefined });
    });
});

describe("ticks", () => {
    test("are at round times, far enough apart", () => {
        const scale = new Scale(600 / 3600, NOON, []);
        const found = ticks(scale, 0, 600);
        expect(found.map(({ time }) => NOON - time)).toEqual([0, 600, 1200, 1800, 2400, 3000, 3600]);
        expect(found.map(({ place }) => place)).toEqual([0, 100, 200, 300, 400, 500, 600]);
    });

    test("name the day at midnight", () => {
        const found = ticks(new Scale(600 / 86_400, NOON, []), 0, 600);
        expect(found.filter(({ day }) => day).map(({ time }) => NOON - time)).toEqual([43_200]);
    });

    test("are at days, and at weeks, where hours are too close", () => {
        const found = ticks(new Scale(600 / (28 * 86_400), NOON, []), 0, 600);
        expect(found.length).toBeGreaterThan(2);
        expect(found.every(({ time, day }) => day && new Date(time * 1000).getDay() === 1)).toBe(true);
    });

    test("are not in what is folded", () => {
        const fold = { from: NOON - 90_000, to: NOON - 3600 };
        const found = ticks(new Scale(600 / 3600, NOON, [fold]), 0, 1200);
        expect(found.length).toBeGreaterThan(8);
        expect(found.every(({ time }) => time <= fold.from || time >= fold.to)).toBe(true);
    });
});

test("fittingSpan lets builds of ordinary length be read", () => {
    const name = (lengths: number[]) => SPANS[fittingSpan(lengths)]?.name;
    expect(name([20, 20, 20])).toBe("2min");
    expect(name([600, 600, 5])).toBe("40min");
    expect(name([1e9])).toBe("4w");
    expect(name([])).toBe("10min");
});
