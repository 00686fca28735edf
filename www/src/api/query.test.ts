import { expect, test } from "vitest";
import { leadOf } from "./paths";
import { below, canonical, toSearch } from "./query";

test("as it is written in a URL", () => {
    expect(toSearch({ complete: true, results: [0, 1], state_string__contains: "a&b ü" })).toBe(
        "complete=true&results=0&results=1&state_string__contains=a%26b+%C3%BC",
    );
});

test("calls that mean the same have the same text", () => {
    expect(canonical("builds", { field: ["a", "b"], limit: 5 })).toBe(
        canonical("builds", { limit: 5, field: ["b", "a"] }),
    );
    expect(canonical("builds", { limit: 5 })).toBe(canonical("builds", { limit: "5", field: [] }));
    const others = [
        { limit: 6 },
        { limit: [5, 6] },
        { order: ["a", "b"] },
        { order: ["b", "a"] },
        { "steps.limit": 5 },
    ];
    const texts = others.map((query) => canonical("builds", query));
    expect(new Set([...texts, canonical("builds", { limit: 5 }), canonical("steps", { limit: 5 })]).size).toBe(7);
});

test("the parameters of a relation", () => {
    const query = { limit: 1, "steps.limit": 2, "steps.logs.field": "name", "steps_x.y": 1 };
    expect(below(query, "steps")).toEqual({ limit: 2, "logs.field": "name" });
});

test.each([
    ["builds", "builds", true],
    ["builders/builds/builds", "builds", true],
    ["builders/linux", "builders", false],
    ["builders/linux/builds/7/steps/git/logs", "logs", true],
    ["builds/7/builder", "builders", false],
    ["builds/7/builder/workers", "workers", true],
    ["test_result_sets/5/results", "test_results", true],
    ["builds/7/properties", "properties", false],
])("%s leads to %s", (path, type, many) => {
    expect(leadOf(path)).toEqual({ type, many });
});

test.each(["", "buildz", "builds/7/buildz", "builds/", "toString"])("%j leads nowhere", (path) => {
    expect(leadOf(path)?.many ?? false).toBe(false);
});
