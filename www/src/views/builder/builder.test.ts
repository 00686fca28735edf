import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flakySteps } from "./flaky";
import { barsPath, durationsOf, percent, periodsOf, rateOf } from "./geometry";
import { hindrance, historyLine, runningOf, statusOfBuilder, suspectsOf } from "./model";
import type { BuilderRow, ComparedRow, HistoryRow, RunningRow, TrendRow, WorkerRow } from "./queries";

const HOUR = 3600;

/** The newest first, as the API has them: how the step `test` went in each, of what revision, and what the build says that it got. */
function compared(codes: string, revisions: string, got = ""): ComparedRow[] {
    const known = (letter = "-") => (letter === "-" ? null : letter);
    return Array.from(codes).map((code, index) => ({
        buildid: codes.length - index,
        number: codes.length - index,
        steps: [{ stepid: index, number: 0, name: "test", results: Number(code), hidden: false }],
        sourcestamps: [{ ssid: revisions.charCodeAt(index), revision: known(revisions[index]), codebase: "" }],
        properties: known(got[index]) === null ? {} : { got_revision: [got[index], "Git"] },
    }));
}

describe("flaky steps", () => {
    test.each<[why: string, codes: string, revisions: string, got: string, contradicted: number | undefined]>([
        ["one that went both ways with a revision", "200", "aab", "", 1],
        ["one that did so with two", "2020033", "aabb--c", "", 2],
        ["none that a change has broken, and another mended", "0202020", "abcdefg", "", undefined],
        ["none where it is not known what was built", "0202020", "-------", "", undefined],
        ["one that went both ways with what was the newest of a branch", "0202", "----", "xyyz", 1],
        ["none whose branch has moved on", "0202", "----", "wxyz", undefined],
        ["none where only what says nothing of the code is different", "0360", "aaaa", "", undefined],
    ])("are %s: %s of %s, %s", (_, codes, revisions, got, contradicted) => {
        const steps = flakySteps(compared(codes, revisions, got));
        expect(steps.map((step) => step.contradicted)).toEqual(contradicted === undefined ? [] : [contradicted]);
    });

    test("are none where a revision was built with a patch, and without", () => {
        const [one, other] = compared("20", "aa");
        const patched = { ...one, sourcestamps: [{ ssid: 7, revision: "a", codebase: "" }] } as ComparedRow;
        expect(flakySteps([patched, other] as ComparedRow[])).toEqual([]);
    });

    test("are told by the revisions of all codebases", () => {
        const of = (code: string, got: unknown) =>
            compared(code, "-").map((row) => ({
                ...row,
                sourcestamps: [
                    { ssid: 1, revision: null, codebase: "app" },
                    { ssid: 2, revision: null, codebase: "lib" },
                ],
                properties: { got_revision: [got, "Git"] },
            })) as unknown as ComparedRow[];
        expect(flakySteps([...of("2", { app: "a", lib: "b" }), ...of("0", { app: "a", lib: "c" })])).toEqual([]);
        expect(flakySteps([...of("2", { app: "a" }), ...of("0", { app: "a" })])).toEqual([]);
        expect(flakySteps([...of("2", { app: "a", lib: "b" }), ...of("0", { app: "a", lib: "b" })])).toHaveLength(1);
    });

    test("have their runs, the oldest first", () => {
        const [step] = flakySteps(compared("02020", "abbcc"));
        expect(step).toMatchObject({ failed: 2, contradicted: 2, last: 4 });
        expect(step?.runs.map(({ number, status }) => `${number} ${status}`)).toEqual([
            "1 success",
            "2 failure",
            "3 success",
            "4 failure",
            "5 success",
        ]);
    });
});

function trend(given: readonly (readonly [at: number, seconds: number, results: number])[]): TrendRow[] {
    return given.map(([complete_at, seconds, results], index) => {
        const number = given.length - index;
        return { buildid: number, number, started_at: complete_at - seconds, complete_at, results };
    });
}

describe("the chart of durations", () => {
    test("has the oldest first, lines at round lengths, and the median of the good ones", () => {
        const { bars, median, ticks } = durationsOf(
            trend([
                [30, 600, 2],
                [20, 300, 0],
                [10, 240, 1],
            ]),
            9,
        );
        expect(bars.map(({ number, seconds, status }) => [number, seconds, status])).toEqual([
            [1, 240, "warnings"],
            [2, 300, "success"],
            [3, 600, "failure"],
        ]);
        expect(median).toBe(300);
        expect(ticks.map(({ seconds }) => seconds)).toEqual([300, 600]);
        expect(ticks[1]?.height).toBe(bars[2]?.height);
    });

    test("cuts off what hung, so that the others can be seen", () => {
        const { bars } = durationsOf(
            trend([[9, 90_000, 4], ...Array.from({ length: 9 }, () => [1, 60, 0] as const)]),
            20,
        );
        expect(bars.at(-1)?.height).toBe(1);
        expect(bars[0]?.height).toBeGreaterThan(0.2);
    });

    test("stays in its box, whatever there is", () => {
        const row = fc.tuple(
            fc.integer({ min: 0 }),
            fc.integer({ min: -9, max: 10 ** 7 }),
            fc.integer({ min: 0, max: 9 }),
        );
        fc.assert(
            fc.property(fc.array(row), (rows) => {
                const { bars, ticks } = durationsOf(trend(rows), 50);
                expect(bars.length).toBe(Math.min(50, rows.length));
                for (const { height } of [...bars, ...ticks]) expect(height >= 0 && height <= 1).toBe(true);
                expect(ticks.length).toBeLessThanOrEqual(4);
            }),
        );
    });

    test("draws all bars of a status at once, each at its place", () => {
        const { bars } = durationsOf(trend([[3, 10, 2], [2, 10, 0], [1, 10, 2]]), 9); // prettier-ignore
        expect(barsPath(bars, "failure").match(/M[\d.]+/g)).toEqual(["M0.1", "M2.1"]);
        expect(barsPath(bars, "exception")).toBe("");
    });
});

describe("the success rate", () => {
    const START = 1000 * HOUR;
    const at = (hour: number, results: number) => [START + hour * HOUR, 1, results] as const;

    test("is told by equal periods, those without builds among them", () => {
        const rows = [
            at(3.5, 0),
            at(3, 2),
            at(3, 0),
            at(3, 0),
            at(1, 1),
            at(1, 6),
            at(1, 1),
            at(0.5, 0),
            at(0.5, 2),
            at(0.5, 0),
        ];
        const periods = periodsOf(trend(rows), START + 4 * HOUR, 10);
        expect(periods.map(({ good, bad }) => [good, bad])).toEqual([
            [2, 1],
            [2, 0],
            [0, 0],
            [3, 1],
            [0, 0],
        ]);
        expect(rateOf(periods)).toBe("7 of 9 builds");
    });

    test("begins with the oldest build, not before there was one", () => {
        const periods = periodsOf(trend([at(1.5, 0), at(1.5, 0), at(0.9, 0), at(0.9, 2)]), START + 2 * HOUR, 10);
        expect(periods.map(({ from }) => from - START)).toEqual([0.9 * HOUR, HOUR, 2 * HOUR]);
    });

    test("has no bar for each of a few builds", () => {
        const present = START + 5.5 * HOUR;
        const bars = (...rows: Parameters<typeof trend>[0]) =>
            periodsOf(trend(rows), present, 40).map(({ good, bad }) => [good, bad]);
        expect(bars(at(5, 0))).toEqual([[1, 0]]);
        expect(bars(at(5, 2), at(4, 0))).toEqual([[1, 1]]);
        expect(bars(at(5.4, 0), at(5, 1), at(3, 0), at(2, 2), at(1, 0))).toEqual([
            [1, 0],
            [1, 1],
            [2, 0],
        ]);
    });

    test("counts each build once, in few periods, however long ago it was", () => {
        const row = fc.tuple(fc.integer({ min: 1, max: 2 * 10 ** 9 }), fc.constant(1), fc.constantFrom(0, 1, 2, 4));
        fc.assert(
            fc.property(fc.array(row, { minLength: 1 }), (rows) => {
                const periods = periodsOf(trend(rows), 2 * 10 ** 9, 40);
                expect(periods.reduce((sum, { good, bad }) => sum + good + bad, 0)).toBe(rows.length);
                expect(periods.length).toBeLessThanOrEqual(Math.min(40, rows.length) + 2);
            }),
        );
    });

    test("is a part of a hundred of many builds, and a hundred only where all went well", () => {
        expect([percent(1), percent(0.999), percent(0.5), percent(0)]).toEqual(["100%", "99%", "50%", "0%"]);
        const period = (good: number, bad: number) => [{ from: 0, length: 1, good, bad }];
        expect(rateOf(period(30, 10))).toBe("75% of 40 builds");
        expect(rateOf(period(1, 0))).toBe("1 of 1 build");
        expect(rateOf([])).toBeUndefined();
    });
});

const change = (changeid: number) => ({ changeid, author: "Ada <a@example.org>", comments: "Fix it\n\nmore" });

describe("a builder", () => {
    const row = (first: object | null, results: number | null) =>
        ({
            first_failed_build: first,
            last_finished_build: results === null ? null : { number: 9, results, state_string: "" },
        }) as unknown as BuilderRow;

    test("is broken since its first failure, whatever was cancelled since", () => {
        expect(statusOfBuilder(row({ number: 5 }, 6))).toBe("failure");
        expect(statusOfBuilder(row({ number: 5 }, 4))).toBe("exception");
        expect(statusOfBuilder(row(null, 1))).toBe("warnings");
        expect(statusOfBuilder(row(null, null))).toBeUndefined();
    });

    test("names those whose changes were new then", () => {
        expect(suspectsOf(row({ number: 5, changes: [change(7)] }, 2))).toEqual([
            { id: 7, person: "Ada", title: "Fix it" },
        ]);
        expect(suspectsOf(row(null, 0))).toEqual([]);
    });
});

describe("a build", () => {
    const row = {
        buildid: 1,
        number: 3,
        masterid: 1,
        started_at: 10,
        complete: false,
        complete_at: null,
        results: null,
        state_string: "building",
        worker: { name: "w" },
        sourcestamps: [
            { ssid: 1, branch: null, revision: null, changes: [] },
            { ssid: 2, branch: "main", revision: "aee3f94ac4e917b205ad90db4f1371cb3f380f29", changes: [change(4)] },
        ],
        steps: [],
        eta: null,
    };

    test("runs, unless its master is gone", () => {
        const history = row as unknown as HistoryRow;
        expect(historyLine(history, new Set([1]))).toMatchObject({ status: "running", lost: false, text: "building" });
        expect(historyLine(history, new Set([2]))).toMatchObject({ status: "exception", lost: true });
        const running = row as unknown as RunningRow;
        expect(runningOf([running], new Set([2]))).toEqual([]);
        expect(runningOf([running], new Set([1]))).toMatchObject([{ number: 3, step: "building", worker: "w" }]);
    });

    test("says what it was of, and the newest change in it", () => {
        expect(historyLine(row as unknown as HistoryRow, new Set())).toMatchObject({
            sources: [
                { branch: "", revision: "" },
                { branch: "main", revision: "aee3f94ac4" },
            ],
            change: { id: 4, person: "Ada", title: "Fix it" },
        });
    });
});

test("what keeps a worker from building", () => {
    const worker = { connected_to: [{ masterid: 1 }], paused: false, pause_reason: null, graceful: false };
    const told = (given: Partial<WorkerRow>) => hindrance({ ...worker, ...given } as WorkerRow);
    expect(told({})).toBeUndefined();
    expect(told({ connected_to: [], paused: true })).toBe("not connected");
    expect(told({ paused: true })).toBe("paused");
    expect(told({ paused: true, pause_reason: "disk" })).toBe("paused: disk");
    expect(told({ graceful: true })).toBe("shuts down when it is idle");
});
