import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareNames, counted, digits, firstLine, personOf, shortRevision } from "./text";

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

test("digits stand in groups as people write them", () => {
    const count = fc.oneof(fc.nat(), fc.maxSafeNat());
    const compare = (each: number) => {
        expect(digits(each)).toBe(each.toLocaleString("en"));
    };
    fc.assert(fc.property(count, compare));
});

describe("names", () => {
    const collator = new Intl.Collator("en", { numeric: true });
    const character = fc.oneof(
        fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
        fc.constantFrom("a", "A", "0", "1"),
    );
    const plain = fc.array(character, { maxLength: 8 }).map((characters) => characters.join(""));

    test("are in the order of a dictionary, with numbers in them by what they count", () => {
        const compare = (one: string, other: string) => {
            expect(Math.sign(compareNames(one, other))).toBe(collator.compare(one, other));
        };
        fc.assert(fc.property(plain, plain, compare), { numRuns: 2000 });
        fc.assert(fc.property(plain, fc.string({ unit: "binary" }), compare));
    });

    test.each([
        ["builder-9", "builder-10"],
        ["a", "B"],
        ["linux", "Linux"],
        ["Linux 9", "linux 10"],
        ["Äpfel", "zebra"],
    ])("%j comes before %j", (one, other) => {
        expect(compareNames(one, other)).toBeLessThan(0);
        expect(compareNames(other, one)).toBeGreaterThan(0);
    });
});
