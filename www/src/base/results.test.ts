import { describe, expect, test } from "vitest";
import { codeOf, compareStatus, DRAWINGS, drawn, isBad, statusOf, STATUSES, SYMBOLS, worst } from "./results";

describe("statusOf", () => {
    test.each([
        [0, "success"],
        [2, "failure"],
        [6, "cancelled"],
        [7, "unknown"],
        [-1, "unknown"],
        [null, "running"],
        [undefined, "running"],
    ])("%s is %s", (code, status) => {
        expect(statusOf(code)).toBe(status);
    });

    test("waits for what was never started", () => {
        expect(statusOf(null, false)).toBe("pending");
    });
});

test("codeOf is its inverse, where there is one", () => {
    expect([0, 1, 2, 3, 4, 5, 6].map((code) => codeOf(statusOf(code)))).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(codeOf("running")).toBeUndefined();
});

test("the worst is what somebody has to look at", () => {
    expect(worst(["success", "cancelled", "failure", "running"])).toBe("failure");
    expect(worst([])).toBeUndefined();
    expect([...STATUSES].sort(compareStatus).findLastIndex(isBad)).toBe(1);
});

test("no two statuses look or read alike without colour", () => {
    expect(new Set(Object.values(SYMBOLS)).size).toBe(STATUSES.length);
    expect(new Set(Object.values(DRAWINGS).map(({ solid, line }) => `${solid ?? ""} ${line}`)).size).toBe(
        STATUSES.length,
    );
});

test("what a status means for whoever looks is told by its outline alone", () => {
    const outlines = (["success", "warnings", "failure", "exception", "running"] as const).map(
        (status) => DRAWINGS[status].solid,
    );
    expect(new Set(outlines).size).toBe(5);
});

test("a drawing is a document of its own", () => {
    expect(drawn("failure", "#123456")).toMatch(/^<svg xmlns="http:.*fill="#123456" mask="url\(#m\)".*<\/svg>$/);
    expect(drawn("pending", "#123456")).toContain('stroke="#123456"');
});
