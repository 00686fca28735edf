import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { STATUSES } from "../base/results";

type Colour = readonly [number, number, number];

const CSS = readFileSync(new URL("theme.css", import.meta.url), "utf8");
const THEMES = ["light", "dark"] as const;
const SURFACES = ["surface", "surface-raised", "surface-floating"];
const TEXTS = ["text", "text-quiet", "accent"];

/** A token's colour as it is written: three numbers from 0 to 1. */
function token(name: string, theme: (typeof THEMES)[number]): Colour {
    const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(CSS);
    const hex = String(found?.[theme === "light" ? 1 : 2]);
    return map([1, 3, 5], (at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
}

/** The part of light of each primary. */
function linear(colour: Colour): Colour {
    return map(colour, (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
}

function map(colour: Colour, change: (value: number, at: number) => number): Colour {
    return colour.map(change) as unknown as Colour;
}

/** The contrast of two colours, from 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: Colour, b: Colour): number {
    const [dark, light] = [a, b]
        .map(linear)
        .map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b)
        .sort((x, y) => x - y);
    return (Number(light) + 0.05) / (Number(dark) + 0.05);
}

/** What is seen without the cones of one kind, in linear light: Machado, Oliveira and Fernandes, 2009, severity 1. */
const SEEN = {
    all: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

/** How far apart two colours look: the distance in Oklab (https://bottosson.github.io/posts/oklab/), of 100. */
function distance(a: Colour, b: Colour, seen: readonly number[]): number {
    const [labA, labB] = [a, b].map((colour) => oklab(times(seen, linear(colour))));
    return 100 * Math.hypot(...[0, 1, 2].map((at) => Number(labA?.[at]) - Number(labB?.[at])));
}

function oklab(colour: Colour): Colour {
    const cones = times(
        [
            0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619,
            0.2817188376, 0.6299787005,
        ],
        colour,
    );
    return times(
        [
            0.2104542553, 0.793617785, -0.0040720468, 1.9779984951, -2.428592205, 0.4505937099, 0.0259040371,
            0.7827717662, -0.808675766,
        ],
        map(cones, Math.cbrt),
    );
}

function times(matrix: readonly number[], [x, y, z]: Colour): Colour {
    return map([0, 3, 6], (row) => Number(matrix[row]) * x + Number(matrix[row + 1]) * y + Number(matrix[row + 2]) * z);
}

describe.each(THEMES)("the %s theme", (theme) => {
    test.each([...TEXTS, ...STATUSES])("has enough contrast in %s, on every surface", (name) => {
        for (const surface of SURFACES) {
            expect(contrast(token(name, theme), token(surface, theme)), surface).toBeGreaterThanOrEqual(4.5);
        }
    });

    test.each(STATUSES)("has enough contrast on %s, and of it on its tint", (status) => {
        expect(contrast(token(status, theme), token("on-status", theme))).toBeGreaterThanOrEqual(4.5);
        const [colour, surface] = [token(status, theme), token("surface", theme)];
        const tint = map(surface, (value, at) => Number(colour[at]) * 0.12 + value * 0.88);
        expect(contrast(colour, tint)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(token("text", theme), tint)).toBeGreaterThanOrEqual(4.5);
    });

    test("shows what can be pressed or typed into by lines of a contrast of 3", () => {
        expect(contrast(token("line-strong", theme), token("surface", theme))).toBeGreaterThanOrEqual(3);
        expect(contrast(token("focus", theme), token("surface", theme))).toBeGreaterThanOrEqual(3);
    });

    const told = ["success", "warnings", "failure", "exception", "running"];
    const pairs = told.flatMap((a, at) => told.slice(at + 1).map((b) => [a, b] as const));
    test.each(pairs)("tells %s from %s by colour, however one sees colours", (a, b) => {
        for (const [name, seen] of Object.entries(SEEN)) {
            expect(distance(token(a, theme), token(b, theme), seen), name).toBeGreaterThanOrEqual(5);
        }
    });
});
