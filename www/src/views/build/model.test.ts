import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
    barOf,
    commitOf,
    findingsOf,
    requestsOf,
    stepsOf,
    subBuildOf,
    tellingLogs,
    valueText,
    webAddress,
} from "./model";
import type { ChangeRow, StepRow, SubBuildRow, TestSetRow } from "./queries";

const STEP: StepRow = {
    stepid: 1,
    number: 0,
    name: "step",
    started_at: 100,
    locks_acquired_at: 103,
    complete: true,
    complete_at: 110,
    results: 0,
    state_string: "done",
    urls: [],
    hidden: false,
    logs: [],
};

const SUB = {
    buildid: 7,
    buildrequestid: 65,
    builderid: 5,
    number: 4,
    results: 2,
    state_string: "failed",
    started_at: 104,
    complete: true,
    complete_at: 108,
    builder: { builderid: 5, name: "package" },
} as unknown as SubBuildRow;

const TRIGGER = {
    ...STEP,
    urls: [
        { name: "trig #65", url: "/#/buildrequests/65" },
        { name: "failed: package", url: "https://ci.example.org/#/buildrequests/65" },
        { name: "trig #66", url: "/#/buildrequests/66" },
        { name: "report", url: "https://example.org/report" },
        { name: "bad", url: "javascript:alert(1)" },
    ],
};

describe("steps", () => {
    test("have the builds that they asked for, and the requests that still wait while they run", () => {
        const subs = [subBuildOf(SUB), { ...subBuildOf(SUB), id: 8, requestid: 99 }];
        const { steps, rest } = stepsOf([STEP, { ...TRIGGER, complete: false, stepid: 2 }], subs);
        expect(steps.map((step) => step.subs.map(({ id }) => id))).toEqual([[], [7]]);
        expect(steps[1]?.waiting).toEqual([66]);
        expect(rest.map(({ id }) => id)).toEqual([8]);
        expect(stepsOf([TRIGGER], subs).steps[0]?.waiting).toEqual([]);
        expect(requestsOf([STEP, TRIGGER])).toEqual([65, 66]);
    });

    test("have links, of which none runs anything", () => {
        expect(stepsOf([TRIGGER], []).steps[0]?.links).toEqual([
            { name: "report", href: "https://example.org/report" },
            { name: "bad", href: undefined },
        ]);
        for (const url of [
            "javascript:0",
            " JAVASCRIPT:0",
            "java\nscript:0",
            "data:text/html,x",
            "vbscript:x",
            "http://[",
        ])
            expect(webAddress(url)).toBeUndefined();
        expect(webAddress("/#/builders/1")).toBe("/#/builders/1");
    });

    test("are pending before they start, and tell how long they waited for locks", () => {
        const [pending, waited] = stepsOf([{ ...STEP, started_at: null, results: null }, STEP], []).steps;
        expect([pending?.status, pending?.waited, waited?.waited]).toEqual(["pending", 0, 3]);
    });
});

describe("bars", () => {
    test("are within the whole, in the order of time, and wide enough to be seen", () => {
        const time = fc.integer({ min: 0, max: 1_000_000 });
        fc.assert(
            fc.property(time, time, fc.option(time, { nil: undefined }), time, (from, size, end, start) => {
                const bar = barOf({ start, end }, { start: from, end: from + size });
                expect(bar?.from).toBeGreaterThanOrEqual(0);
                expect(bar?.size).toBeGreaterThan(0.003);
                expect(Number(bar?.from) + Number(bar?.size)).toBeLessThanOrEqual(1.000001);
            }),
        );
        expect(barOf({ start: 125, end: 150 }, { start: 100, end: 200 })).toEqual({ from: 0.25, size: 0.25 });
        expect(barOf({ start: 150, end: undefined }, { start: 100, end: 200 })).toEqual({ from: 0.5, size: 0.5 });
        expect(barOf({ start: undefined, end: undefined }, { start: 0, end: 1 })).toBeUndefined();
    });
});

describe("findings", () => {
    const SET: TestSetRow = {
        test_result_setid: 1,
        builderid: 1,
        buildid: 1,
        stepid: 1,
        description: "unit",
        category: "pass_fail",
        value_unit: "boolean",
        tests_passed: 4,
        tests_failed: 2,
        complete: true,
        failures: [
            {
                test_resultid: 3,
                builderid: 1,
                test_result_setid: 1,
                test_name: "test.a",
                test_code_path: "a.py",
                line: 7,
                duration_ns: null,
                value: "0",
                testid: null,
            },
        ],
    };

    test("are the tests that failed, with where they are", () => {
        expect(findingsOf([SET])).toEqual([
            {
                id: 1,
                title: "unit",
                count: 2,
                passed: 4,
                found: [{ id: 3, name: "test.a", detail: "a.py:7", href: "builders/1/tests?test=test.a" }],
            },
        ]);
    });

    test("are none of what measures, or of sets in which all passed", () => {
        expect(findingsOf([{ ...SET, category: "performance", tests_failed: null, failures: [] }])).toEqual([]);
        expect(findingsOf([{ ...SET, tests_failed: 0, failures: [] }])).toEqual([]);
    });

    test("of code say where and what", () => {
        const [result] = SET.failures;
        const issue = result && { ...result, test_name: null, value: "unused variable" };
        const set = { ...SET, category: "code_issue", value_unit: "message", description: null, tests_failed: null };
        expect(findingsOf([{ ...set, failures: issue ? [issue] : [] }])).toMatchObject([
            { title: "Issues", count: 1, found: [{ name: "a.py:7", detail: "unused variable" }] },
        ]);
    });
});

test("of logs that are HTML none is told where something else tells, and why a step was interrupted first", () => {
    const [html, text] = [
        { type: "h", slug: "report" },
        { type: "s", slug: "stdio" },
    ];
    const cancelled = { type: "t", slug: "cancelled" };
    expect(tellingLogs([html, text], false)).toEqual([text]);
    expect(tellingLogs([html, text, cancelled], false)).toEqual([cancelled, text]);
    expect(tellingLogs([html], true)).toEqual([]);
    expect(tellingLogs([html], false)).toEqual([html]);
});

test("changes have a first line, a name and an address", () => {
    const row = {
        changeid: 1,
        author: " Ada Lovelace <ada@example.org>",
        comments: "Say it\n\nAnd why.\n",
        revision: null,
        revlink: "javascript:alert(1)",
        when_timestamp: 5,
        files: [],
        branch: null,
    } as unknown as ChangeRow;
    expect(commitOf(row)).toMatchObject({
        author: "Ada Lovelace",
        address: "ada@example.org",
        title: "Say it",
        rest: "And why.",
        href: undefined,
    });
    expect(commitOf({ ...row, author: "ada", comments: "" })).toMatchObject({ author: "ada", title: "(no message)" });
});

test("values of properties are as people write them", () => {
    expect(["a", 1, ["b", { c: null }], true].map(valueText)).toEqual(["a", "1", '["b",{"c":null}]', "true"]);
});
