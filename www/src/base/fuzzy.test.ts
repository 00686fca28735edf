import { describe, expect, test } from "vitest";
import { fuzzy } from "./fuzzy";

const NAMES = ["linux-x86_64", "linux-arm64", "windows-x86_64", "docs", "lint", "release-windows-installer"];

function best(typed: string, names = NAMES) {
    return names
        .flatMap((name) => {
            const found = fuzzy(typed, name);
            return found ? [{ name, ...found }] : [];
        })
        .sort((a, b) => b.score - a.score || a.name.length - b.name.length)
        .map(({ name }) => name);
}

describe("fuzzy", () => {
    test.each([
        ["lin", "lint"],
        ["win", "windows-x86_64"],
        ["arm", "linux-arm64"],
        ["lx64", "linux-x86_64"],
        ["x86 win", "windows-x86_64"],
        ["DOCS", "docs"],
        ["rwi", "release-windows-installer"],
    ])("%s is %s first", (typed, name) => {
        expect(best(typed)[0]).toBe(name);
    });

    test("leaves out what has not all of it, or has it all over the place", () => {
        expect(best("linux-z")).toEqual([]);
        expect(fuzzy("adz", `a${"-".repeat(30)}d${"-".repeat(30)}z`)).toBeUndefined();
    });

    test("says where the letters are", () => {
        expect(fuzzy("64 lin", "linux-x86_64")?.at).toEqual([0, 1, 2, 10, 11]);
        expect(fuzzy("lxx", "linux-x86")?.at).toEqual([0, 4, 6]);
    });

    test("takes everything while nothing is typed", () => {
        expect(best(" ")).toHaveLength(NAMES.length);
    });

    test("is not led astray by letters that change their length", () => {
        expect(fuzzy("x", "İx")?.at).toEqual([1]);
    });
});
