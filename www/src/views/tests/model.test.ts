import { describe, expect, test } from "vitest";
import {
    columnsOf,
    compared,
    failing,
    flakiness,
    knownFrom,
    named,
    outcomeIn,
    outcomeOf,
    streakOf,
    testDuration,
    type Outcome,
} from "./model";
import type { BuildRow, KnownRow } from "./queries";

interface Given {
    readonly failed?: readonly string[];
    readonly category?: string;
    readonly count?: number;
    readonly complete?: boolean;
}

/** Tests are named by a letter, whose code is the id. */
const idOf = (name: string) => name.charCodeAt(0);

function setOf(id: number, { failed = [], category = "pass_fail", count = failed.length, complete = true }: Given) {
    return {
        test_result_setid: id,
        buildid: id,
        description: null,
        category,
        value_unit: category === "pass_fail" ? "boolean" : "message",
        tests_passed: 9,
        tests_failed: count,
        complete,
        failures: failed.map((name) => ({
            test_resultid: idOf(name),
            testid: category === "code_issue" ? null : idOf(name),
            test_name: category === "code_issue" ? null : name,
            test_code_path: category === "code_issue" ? name : null,
            line: null,
            duration_ns: null,
            value: category === "code_issue" ? "unused" : "0",
        })),
    };
}

/** A build whose set has its number; without one it has no set. */
function build(number: number, given?: Given, revision: string | null = `r${number}`): BuildRow {
    return {
        buildid: 100 + number,
        number,
        results: 0,
        complete: true,
        started_at: number,
        properties: {},
        sourcestamps: [{ ssid: 1, revision, codebase: "" }],
        test_result_sets: given ? [setOf(number, given)] : [],
    };
}

const NOTHING = knownFrom([]);
const known = (name: string, sets: Readonly<Record<number, string>>, range: readonly [number, number], limit = 90) =>
    knownFrom([
        {
            tests: [idOf(name)],
            sets: range,
            limit,
            rows: [
                {
                    testid: idOf(name),
                    results: Object.entries(sets)
                        .map(([set, value]) => ({ test_result_setid: Number(set), value }))
                        .reverse(),
                } as unknown as KnownRow,
            ],
        },
    ]);

test("results say by the kind of their set what became of a test", () => {
    const of = (category: string, value_unit: string, value: string) => outcomeOf({ category, value_unit }, value);
    expect(of("pass_fail", "boolean", "0")).toBe("failed");
    expect(of("pass_fail", "boolean", "1")).toBe("passed");
    expect(of("pass_fail", "percent", "0")).toBe("measured");
    expect(of("fail_only", "message", "1")).toBe("failed");
    expect(of("pass_only", "boolean", "0")).toBe("passed");
    expect(of("performance", "ns", "0")).toBe("measured");
});

test("what failed last comes first, then what failed most often", () => {
    const columns = columnsOf([
        build(3, { failed: ["c"] }),
        build(1, { failed: ["a", "b", "c"] }),
        build(2, { failed: ["b"] }),
    ]);
    expect(columns.map(({ number }) => number)).toEqual([3, 2, 1]);
    expect(failing(columns, "").map(({ name }) => name)).toEqual(["c", "b", "a"]);
    expect(failing(columns, "code_issue")).toEqual([]);
});

test("issues without a name are told by the file, with how many there are", () => {
    const columns = columnsOf([build(1, { failed: ["x", "x"], category: "code_issue" })]);
    const [row] = failing(columns, "");
    expect(row).toMatchObject({ name: "x", ids: [] });
    expect(row?.failed.get(101)).toBe(2);
});

describe("of a test in a build", () => {
    const columns = columnsOf([
        build(5, { failed: ["a"] }),
        build(4, {}),
        build(3),
        build(2, { count: 7 }),
        build(1, { complete: false }),
    ]);
    const [row] = failing(columns, "");
    const outcomes = (of: typeof NOTHING) => columns.map((column) => row && outcomeIn(row, column, of));

    test("it is known that it failed, or else that it did not where all that failed is known", () => {
        expect(outcomes(NOTHING)).toEqual(["failed", "unfailed", undefined, undefined, undefined]);
    });

    test("it passed where it has a result, failed where there are too many to list, and was not run otherwise", () => {
        expect(outcomes(known("a", { 5: "0", 4: "1", 2: "0" }, [1, 5]))).toEqual([
            "failed",
            "passed",
            undefined,
            "failed",
            undefined,
        ]);
        expect(outcomes(known("a", { 5: "0" }, [1, 5]))[1]).toBeUndefined();
    });

    test("nothing is known of builds before those that the answer goes back to", () => {
        expect(outcomes(known("a", { 5: "0" }, [1, 5], 1))[1]).toBe("unfailed");
        expect(outcomes(known("a", { 5: "0" }, [5, 5]))[1]).toBe("unfailed");
    });

    test("who looks only for failures, and finds none, has found it well", () => {
        const issues = columnsOf([
            build(2, { category: "code_issue" }),
            build(1, { failed: ["x"], category: "code_issue" }),
        ]);
        const [file] = failing(issues, "");
        expect(issues.map((column) => file && outcomeIn(file, column, NOTHING))).toEqual(["passed", "failed"]);
    });
});

test("all tests have what is known of their failures, once, whatever ids their name has", () => {
    const rows = failing(columnsOf([build(1, { failed: ["a"] })]), "");
    const all = named(
        [
            { testid: 7, name: "a" },
            { testid: 8, name: "b" },
            { testid: 9, name: "b" },
        ],
        rows,
    );
    expect(all.map(({ name, ids, failed }) => [name, ids, failed.size])).toEqual([
        ["a", [97, 7], 1],
        ["b", [8, 9], 0],
    ]);
});

describe("flaky is", () => {
    const runs = (outcomes: string, codes = outcomes) =>
        outcomes.split("").map((letter, at) => ({
            outcome: ({ f: "failed", p: "passed", u: "unfailed", m: "measured" } as const)[letter],
            code: codes === outcomes ? String(at) : codes[at],
        }));

    test("what failed and passed with the same code", () => {
        expect(flakiness(runs("ppfp", "1223"))).toBe("failed and passed with the same revision");
        expect(flakiness(runs("ppfp", "1234"))).toBeUndefined();
    });

    test("not what only did not fail with the same code, which may be that it was not run", () => {
        expect(flakiness(runs("uuf", "122"))).toBeUndefined();
    });

    test("what goes back and forth, but not what was broken and mended, or broken again", () => {
        expect(flakiness(runs("ppfffpp"))).toBeUndefined();
        expect(flakiness(runs("fppfffpp"))).toBeUndefined();
        expect(flakiness(runs("fmpfup"))).toBeUndefined();
        expect(flakiness(runs("fpfpf"))).toBe("went from failed to not failed and back, 4 turns");
    });
});

test("a streak goes back to the first run that went as the newest did", () => {
    const runs = ["failed", "measured", "failed", "passed", "failed"].map((outcome, at) => ({
        outcome: outcome as Outcome,
        at,
    }));
    expect(streakOf(runs)).toMatchObject({ failing: true, first: { at: 2 }, before: { at: 3 }, length: 2 });
    expect(streakOf(runs.slice(3))).toMatchObject({ failing: false, first: { at: 3 }, before: { at: 4 } });
    expect(streakOf(runs.slice(0, 1))).toMatchObject({ failing: true, first: { at: 0 }, before: undefined });
    expect(streakOf([])).toMatchObject({ first: undefined, before: undefined, length: 0 });
});

describe("a set held against the build before", () => {
    const before = (given: Given) => [build(2), build(1, given)];
    const now = (given: Given) => setOf(3, given);

    test("says what is new, and what does not fail any more, of the last build that has one of its kind", () => {
        const { isNew, fixed, against } = compared(now({ failed: ["a", "b"] }), before({ failed: ["b", "c"] }));
        expect([isNew("a"), isNew("b"), fixed, against]).toEqual([true, false, ["c"], 1]);
    });

    test("says nothing of what is not known", () => {
        expect(compared(now({ failed: ["a"] }), before({ failed: ["b"], count: 9 })).isNew("a")).toBeUndefined();
        expect(compared(now({ failed: ["a"], count: 9 }), before({ failed: ["b"] })).fixed).toEqual([]);
        expect(compared(now({ complete: false }), before({ failed: ["b"] })).fixed).toEqual([]);
        const none = compared(now({ failed: ["a"] }), before({ failed: ["a"], category: "code_issue" }));
        expect([none.isNew("a"), none.against]).toEqual([undefined, undefined]);
    });
});

test.each([
    [900, "900 ns"],
    [1_500, "1.5 µs"],
    [42_000_000, "42 ms"],
    [1_500_000_000, "1.5 s"],
    [125_000_000_000, "2 min 5 s"],
])("%d ns are %s", (ns, text) => {
    expect(testDuration(ns)).toBe(text);
});
