import { expect, test } from "vitest";
import type { Line } from "../base/loglines";
import { Pages } from "./pages";

const line = (text: string): Line => ({ text, stream: undefined, length: text.length });
const lines = (first: number, count: number) => Array.from({ length: count }, (_, at) => line(String(first + at)));

test("lines are had by number, wherever pages begin", () => {
    const pages = new Pages();
    pages.put(150, lines(150, 300));
    expect([149, 150, 199, 200, 449, 450].map((at) => pages.get(at)?.text)).toEqual([
        undefined,
        "150",
        "199",
        "200",
        "449",
        undefined,
    ]);
});

test("says what is missing, in stretches", () => {
    const pages = new Pages();
    expect(pages.missing(0, 999, 400)).toEqual({ first: 0, last: 399 });
    pages.put(0, lines(0, 100));
    pages.put(300, lines(300, 100));
    expect(pages.missing(0, 999, 400)).toEqual({ first: 100, last: 299 });
    expect(pages.missing(50, 99, 400)).toBeUndefined();
    expect(pages.missing(350, 450, 400)).toEqual({ first: 400, last: 450 });
});

test("keeps what was used last", () => {
    const pages = new Pages();
    for (let first = 0; first < 100_000; first += 100) {
        pages.put(first, lines(first, 100));
        pages.missing(0, 10, 10);
    }
    expect(pages.size).toBeLessThanOrEqual(250);
    expect(pages.get(5)?.text).toBe("5");
    expect(pages.get(300)).toBeUndefined();
    expect(pages.get(99_999)?.text).toBe("99999");
});

test("long lines make it keep fewer", () => {
    const pages = new Pages();
    for (let at = 0; at < 20_000; at++) pages.put(at, [line("x".repeat(4000))]);
    expect(pages.size).toBeLessThan(30);
    expect(pages.get(19_999)?.length).toBe(4000);
});
