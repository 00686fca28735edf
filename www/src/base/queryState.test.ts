import { describe, expect, test } from "vitest";
import { readState, writeState } from "./queryState";

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
