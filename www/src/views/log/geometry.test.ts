import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chosen, readLines, writeLines } from "./address";
import { Folds, heightOf, HIGHEST, placeAt, reveal, rowsIn, scrolledTo, type Range } from "./geometry";
import { endsGroup, groupAt } from "./groups";

const HUGE = { content: 40_000_000_000, viewport: 800 };

describe("scrolling", () => {
    test("of what is not too high is the browser's own", () => {
        const extent = { content: 100_000, viewport: 800 };
        expect(heightOf(extent)).toBe(100_000);
        expect(placeAt(500, extent)).toEqual({ at: 500, scrollTop: 500 });
        expect(scrolledTo(90_000, { at: 0, scrollTop: 0 }, extent)).toEqual({ at: 90_000, scrollTop: 90_000 });
        expect(placeAt(1e9, extent).at).toBe(99_200);
    });

    test("of what is too high reaches both ends exactly", () => {
        expect(heightOf(HUGE)).toBe(HIGHEST);
        expect(placeAt(0, HUGE).scrollTop).toBe(0);
        expect(placeAt(Infinity, HUGE)).toEqual({ at: HUGE.content - 800, scrollTop: HIGHEST - 800 });
        expect(scrolledTo(HIGHEST - 800, { at: 0, scrollTop: 0 }, HUGE).at).toBe(HUGE.content - 800);
        expect(scrolledTo(0, placeAt(Infinity, HUGE), HUGE).at).toBe(0);
    });

    test("by a little moves by as much, wherever it is", () => {
        fc.assert(
            fc.property(
                fc.double({ min: 0, max: 1, noNaN: true }),
                fc.integer({ min: -2400, max: 2400 }),
                (part, by) => {
                    const before = placeAt(part * HUGE.content, HUGE);
                    const after = scrolledTo(before.scrollTop + by, before, HUGE);
                    const expected = Math.min(Math.max(0, before.at + by), HUGE.content - HUGE.viewport);
                    expect(after.at).toBeCloseTo(expected, 3);
                },
            ),
        );
    });

    test("by a lot goes to the part of the whole, and says where the browser is to be", () => {
        fc.assert(
            fc.property(fc.integer({ min: 5000, max: HIGHEST - 800 }), (scrollTop) => {
                const after = scrolledTo(scrollTop, { at: 0, scrollTop: 0 }, HUGE);
                expect(placeAt(after.at, HUGE).scrollTop).toBeCloseTo(scrollTop, 3);
            }),
        );
    });

    test.each([1, -1])("line by line comes to the end, with the browser set right now and then: %i", (way) => {
        const end = HUGE.content - 800;
        let place = placeAt(way > 0 ? end - 1_100_000 : 1_100_000, HUGE);
        for (let turn = 0; turn < 1200; turn++) {
            for (let by = 0; by < 10; by++) {
                const scrollTop = Math.min(Math.max(0, place.scrollTop + way * 100), HIGHEST - 800);
                place = scrolledTo(scrollTop, place, HUGE);
            }
            place = placeAt(place.at, HUGE);
        }
        expect(place.at).toBe(way > 0 ? end : 0);
    });
});

describe("rows", () => {
    test("are those that are seen", () => {
        expect(rowsIn(0, { content: 2000, viewport: 100 }, 20, 100)).toEqual({ first: 0, last: 5, top: 0 });
        expect(rowsIn(50, { content: 2000, viewport: 100 }, 20, 100)).toEqual({ first: 2, last: 7, top: -10 });
        expect(rowsIn(1900, { content: 2000, viewport: 100 }, 20, 100)).toEqual({ first: 95, last: 99, top: 0 });
        expect(rowsIn(0, { content: 0, viewport: 100 }, 20, 0)).toEqual({ first: 0, last: -1, top: 0 });
    });

    test("are shown where they can be read, without moving those that can", () => {
        expect(reveal(10, 150, 300, 20)).toBe(150);
        expect(reveal(100, 150, 300, 20)).toBe(1900);
        expect(reveal(0, 150, 300, 20)).toBe(0);
    });
});

describe("folds", () => {
    const range = fc
        .tuple(fc.nat(200), fc.nat(30))
        .map(([first, more]): Range => ({ first: first + 1, last: first + 1 + more }));
    const made = fc
        .array(range, { maxLength: 8 })
        .map((all) => all.reduce((folds, each) => folds.with(each), new Folds()));

    test("rows are the lines that are not hidden, in order", () => {
        fc.assert(
            fc.property(made, fc.integer({ min: 1, max: 300 }), (folds, lines) => {
                const seen = Array.from({ length: lines }, (_, line) => line).filter((line) => !folds.isFolded(line));
                expect(folds.rowsOf(lines)).toBe(seen.length);
                expect(seen.map((_, row) => folds.lineOf(row))).toEqual(seen);
                expect(seen.map((line) => folds.rowOf(line))).toEqual(seen.map((_, row) => row));
            }),
        );
    });

    test("a hidden line is told of by the last one before it that is seen", () => {
        fc.assert(
            fc.property(made, fc.integer({ min: 0, max: 300 }), (folds, line) => {
                let before = line;
                while (folds.isFolded(before)) before -= 1;
                expect(folds.lineOf(folds.rowOf(line))).toBe(before);
            }),
        );
    });

    test("come and go", () => {
        const folds = new Folds().with({ first: 5, last: 9 }).with({ first: 2, last: 3 });
        expect(folds.hidden).toEqual([
            { first: 2, last: 3 },
            { first: 5, last: 9 },
        ]);
        expect(folds.without(7).hidden).toEqual([{ first: 2, last: 3 }]);
        expect(folds.with({ first: 1, last: 20 }).hidden).toEqual([{ first: 1, last: 20 }]);
    });
});

describe("addresses", () => {
    test("name a line or several", () => {
        expect(readLines("#L10")).toEqual({ first: 9, last: 9 });
        expect(readLines("#L10-L20")).toEqual({ first: 9, last: 19 });
        expect(readLines("#L20-10")).toEqual({ first: 9, last: 19 });
        for (const bad of ["", "#L0", "#L", "#L-1", "#L1e3", "#L99999999999", "#step-1"])
            expect(readLines(bad)).toBeUndefined();
        expect([writeLines({ first: 9, last: 9 }), writeLines({ first: 9, last: 19 })]).toEqual(["#L10", "#L10-L20"]);
    });

    test("grow with Shift", () => {
        expect(chosen(5, false, { first: 1, last: 2 })).toEqual({ first: 5, last: 5 });
        expect(chosen(5, true, undefined)).toEqual({ first: 5, last: 5 });
        expect(chosen(5, true, { first: 1, last: 2 })).toEqual({ first: 1, last: 5 });
        expect(chosen(0, true, { first: 1, last: 2 })).toEqual({ first: 0, last: 2 });
    });
});

describe("groups", () => {
    test.each([
        ["##[group]Run tests", "marked", "Run tests"],
        ["::group::Install ", "marked", "Install"],
        ["\x1b[32m::group::Green\x1b[0m", "marked", "Green"],
        ["--- Build", "section", "Build"],
        ["+++ :test: Tests", "section", ":test: Tests"],
        ["~~~ Preparing", "section", "Preparing"],
    ])("begin with %s", (line, kind, title) => {
        expect(groupAt(line)).toEqual({ kind, title });
    });

    test.each([
        "--- a/file.c",
        "+++ b/file.c",
        "--- /dev/null",
        "--- file.c\t2026-01-01",
        "----",
        "---",
        "echo ::group::x",
        "::endgroup::",
    ])("do not begin with %s", (line) => {
        expect(groupAt(line)).toBeUndefined();
    });

    test("end with a line that says so, or before the next", () => {
        const [marked, section] = [{ kind: "marked", title: "" } as const, { kind: "section", title: "" } as const];
        expect(endsGroup("::endgroup::", marked)).toBe("with");
        expect(endsGroup("##[endgroup]", marked)).toBe("with");
        expect(endsGroup("::group::next", marked)).toBe("before");
        expect(endsGroup("--- next", marked)).toBeUndefined();
        expect(endsGroup("--- next", section)).toBe("before");
        expect(endsGroup("::endgroup::", section)).toBeUndefined();
    });
});
