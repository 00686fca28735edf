import { describe, expect, test } from "vitest";
import { counted, firstLine, personOf, shortRevision } from "./text";

describe("personOf", () => {
    test.each([
        ["Ada <ada@example.org>", "Ada"],
        ["ada", "ada"],
        ["<ada@example.org>", "<ada@example.org>"],
        ["A <b> C <c@example.org> ", "A <b> C"],
        ["", ""],
    ])("%j is %j", (author, person) => expect(personOf(author)).toBe(person));
});

test.each([
    ["Fix it\n\nBecause.", "Fix it"],
    ["\n  Fix it\r\nmore", "Fix it"],
    ["", ""],
])("the first line of %j is %j", (text, line) => expect(firstLine(text)).toBe(line));

test("counted words", () => {
    expect([0, 1, 2].map((count) => counted(count, "build"))).toEqual(["0 builds", "1 build", "2 builds"]);
    expect(counted(1200, "branch", "branches")).toBe("1,200 branches");
});

test("hashes are shortened, other revisions are not", () => {
    expect(shortRevision("aee3f94ac4e917b205ad90db4f1371cb3f380f29")).toBe("aee3f94ac4");
    expect(["r1234", "123456789012", "v2.1.0-final-release"].map(shortRevision)).toEqual([
        "r1234",
        "123456789012",
        "v2.1.0-final-release",
    ]);
});
