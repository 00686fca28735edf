import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAnsi, plain } from "./ansi";

const E = "\x1b";

describe("parseAnsi", () => {
    test("text without sequences is one piece", () => {
        expect(parseAnsi("a <b> &amp; c\td")).toEqual([{ text: "a <b> &amp; c\td" }]);
        expect(parseAnsi("")).toEqual([]);
    });

    test("colours hold until they are reset", () => {
        expect(parseAnsi(`a${E}[1;31mb${E}[39mc${E}[22md${E}[0me${E}[92;100mf${E}[mg`)).toEqual([
            { text: "a" },
            { text: "b", style: { bold: true, colour: 1 } },
            { text: "c", style: { bold: true } },
            { text: "d" },
            { text: "e" },
            { text: "f", style: { colour: 10, background: 8 } },
            { text: "g" },
        ]);
    });

    test.each([
        ["38;5;9", { colour: 9 }],
        ["38;5;16", { colour: "#000000" }],
        ["38;5;208", { colour: "#ff8700" }],
        ["48;5;255", { background: "#eeeeee" }],
        ["38;2;1;2;255", { colour: "#0102ff" }],
        ["38:2::1:2:255", { colour: "#0102ff" }],
        ["38:2:1:2:255", { colour: "#0102ff" }],
        ["38:5:208", { colour: "#ff8700" }],
        ["38;2;1;2;3;4", { colour: "#010203", underline: true }],
        ["38;5;256", undefined],
        ["38;2;1;2", undefined],
        ["38;2;1;2;999", undefined],
        ["38", undefined],
        ["7;9;3;2", { inverse: true, strike: true, italic: true, dim: true }],
        ["8", undefined],
        ["99999999999999999999", undefined],
    ])("of %s", (code, style) => {
        expect(parseAnsi(`${E}[${code}mx`)).toEqual([style ? { text: "x", style } : { text: "x" }]);
    });

    test("other sequences leave nothing", () => {
        const hidden = [`${E}[2J`, `${E}[10;20H`, `${E}[?25l`, `${E}(B`, `${E}7`, `${E}]0;title\x07`, `\x9b1m\x9b0m`];
        hidden.push(`${E}]8;;https://example.org/${E}\\`, `${E}Pq#0${E}\\`, `${E}[0 q`);
        expect(parseAnsi(`a${hidden.join("")}b`).map(({ text }) => text)).toEqual(["a", "b"]);
    });

    test("what has no end hides nothing that follows", () => {
        expect(plain(`a${E}]0;title`)).toBe("a0;title");
        expect(plain(`a${E}[31`)).toBe("a31");
        expect(parseAnsi(`a${E}`)).toEqual([{ text: "a" }, { text: "^[", control: true }]);
    });

    test("characters that would move or hide others are named", () => {
        const names = parseAnsi("\0\b\x7f\x85\u202e\u2066\u200b\ufeff\u2028").map(({ text }) => text);
        expect(names).toEqual(["^@", "^H", "^?", "U+0085", "U+202E", "U+2066", "U+200B", "U+FEFF", "U+2028"]);
    });

    test("of a line that was written over the last state is shown", () => {
        expect(parseAnsi("10%\r20%\r30%\r")).toEqual([{ text: "^M", control: true }, { text: "30%" }]);
        expect(parseAnsi("done\r")).toEqual([{ text: "done" }]);
    });

    test("any text comes out in order, and nothing of what controls terminals", () => {
        const part = fc.oneof(
            fc.string({ unit: "binary" }),
            fc.constantFrom(`${E}[`, `${E}]`, "m", ";", "38", "\r", "\x07", `${E}\\`, "\u202e"),
        );
        fc.assert(
            fc.property(fc.array(part), (parts) => {
                const line = parts.join("");
                const text = plain(line);
                // eslint-disable-next-line no-control-regex -- these are what must not be there
                expect(text).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
                let at = 0;
                const isThere = Array.from(text).every((character) => (at = line.indexOf(character, at) + 1) > 0);
                expect(isThere).toBe(true);
            }),
        );
    });

    test("takes time in proportion to the length, whatever stands there", () => {
        for (const part of [`${E}]`, `${E}[1;`, `${E}P`, `${E}[31m`, "\u202e", "\r", ";"]) {
            const line = part.repeat(400_000 / part.length);
            const started = performance.now();
            parseAnsi(line);
            expect(performance.now() - started).toBeLessThan(2000);
        }
    });
});
