import { expect, test } from "vitest";
import { KEPT, parseLines } from "./loglines";

test("lines of text", () => {
    expect(parseLines("", "t")).toEqual([]);
    expect(parseLines("a\n\nb\n", "t")).toEqual([
        { text: "a", stream: undefined, length: 1 },
        { text: "", stream: undefined, length: 0 },
        { text: "b", stream: undefined, length: 1 },
    ]);
});

test("a letter says what wrote a line", () => {
    expect(parseLines("hmake\noone\neoops\n\nwhat\n", "s")).toEqual([
        { text: "make", stream: "header", length: 4 },
        { text: "one", stream: "output", length: 3 },
        { text: "oops", stream: "errors", length: 4 },
        { text: "", stream: undefined, length: 0 },
        { text: "hat", stream: undefined, length: 3 },
    ]);
});

test("of a very long line the beginning is kept", () => {
    const [line] = parseLines(`o${"x".repeat(1_000_000)}\n`, "s");
    expect([line?.text.length, line?.length]).toEqual([KEPT, 1_000_000]);
});
