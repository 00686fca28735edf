import { describe, expect, test } from "vitest";
import { misreadOf, oneOf, readState, someOf, textOf, writeState } from "./queryState";

const DEFAULTS = { text: "", limit: 20, folded: false, results: [], shown: ["a", "b"] };

function read(query: string) {
    return readState(DEFAULTS, new URLSearchParams(query));
}

function written(state: Parameters<typeof writeState>[1], query = "") {
    return writeState(DEFAULTS, state, new URLSearchParams(query)).toString();
}

describe("readState", () => {
    test("is as by default where the address says nothing, or nonsense", () => {
        expect(read("")).toEqual(DEFAULTS);
        expect(read("limit=many&folded=perhaps&limit=3&other=1")).toEqual(DEFAULTS);
    });

    test("has each value in the type of its default", () => {
        expect(read("text=7&limit=7&folded=true&results=b&results=a&results=a&shown=")).toEqual({
            text: "7",
            limit: 7,
            folded: true,
            results: ["a", "b"],
            shown: [],
        });
    });
});

describe("writeState", () => {
    test("names only what is not as by default, and leaves the rest", () => {
        expect(written({ text: "", limit: 30, shown: ["b", "a"] }, "text=old&zoom=2")).toBe("zoom=2&limit=30");
    });

    test.each([
        { text: "a&b=ü", results: ["x", "y, z"] },
        { folded: true, limit: -1.5 },
        { shown: [] },
        { shown: ["c"] },
    ])("is read again as it was: %o", (state) => {
        expect(read(written(state))).toEqual({ ...DEFAULTS, ...state });
    });
});

describe("what not every text can be", () => {
    const STATE = {
        sort: oneOf("name", "age"),
        only: oneOf("", "failed"),
        results: someOf("success", "failure"),
        until: textOf((text) => text.endsWith("Z"), "a time"),
        limit: 20,
        folded: false,
        text: "",
    };
    const at = (query: string) => readState(STATE, new URLSearchParams(query));
    const misread = (query: string, ...states: Parameters<typeof misreadOf>[0]) =>
        misreadOf([STATE, ...states], new URLSearchParams(query)).map(
            ({ name, text, right }) => `${name}=${text}: ${right}`,
        );

    test("is read where it is one, and else as by default", () => {
        const usual = { sort: "name", only: "", results: [], until: "", limit: 20, folded: false, text: "" };
        expect(at("")).toEqual(usual);
        expect(at("sort=size&only=x&results=x&until=x")).toEqual(usual);
        expect(at("sort=size&sort=age&results=x&results=failure&until=1Z")).toEqual({
            ...usual,
            sort: "age",
            results: ["failure"],
            until: "1Z",
        });
    });

    test("is written as any other", () => {
        const written = writeState(
            STATE,
            { sort: "name", results: ["failure"] },
            new URLSearchParams("sort=age&results=x"),
        );
        expect(written.toString()).toBe("results=failure");
    });

    test("is told, with what would be right", () => {
        expect(misread("sort=age&only=failed&results=success&until=1Z&limit=-1.5&folded=true&text=anything")).toEqual(
            [],
        );
        expect(misread("results=x&results=failure&results=y&sort=&limit=many&folded=1&until=now&only=x")).toEqual([
            "results=x: results may be success or failure",
            "results=y: results may be success or failure",
            "limit=many: limit may be a number",
            "folded=1: folded may be true or false",
            "until=now: until may be a time",
            "only=x: only may be failed",
        ]);
    });

    test("is also what nothing on the page reads", () => {
        expect(misread("builder=7&open=a", { open: [] })).toEqual([
            "builder=7: this page knows sort, only, results, until, limit, folded, text and open",
        ]);
    });
});
