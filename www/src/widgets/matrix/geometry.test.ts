import { describe, expect, test } from "vitest";
import { Axis, beside, first, scrolled, spread, type Cells } from "./geometry";

describe("an axis", () => {
    const axis = new Axis([10, 20, 10, 40]);

    test("has its lines behind each other", () => {
        expect([0, 1, 2, 3, 4].map((index) => axis.start(index))).toEqual([0, 10, 30, 40, 80]);
        expect(axis.total).toBe(80);
    });

    test("knows which line is at a place", () => {
        expect([-5, 0, 9, 10, 29, 30, 79, 80, 500].map((place) => axis.at(place))).toEqual([0, 0, 0, 1, 1, 2, 3, 3, 3]);
    });

    test("draws what is seen, and some more", () => {
        expect(axis.seen(10, 30, 0)).toEqual([1, 2]);
        expect(axis.seen(10, 31, 0)).toEqual([1, 3]);
        expect(axis.seen(10, 30, 2)).toEqual([0, 4]);
        expect(new Axis([]).seen(0, 100, 2)).toEqual([0, 0]);
    });

    test("is scrolled no farther than it takes to see a line whole", () => {
        expect(scrolled(axis, 1, 0, 40)).toBe(0);
        expect(scrolled(axis, 3, 0, 40)).toBe(40);
        expect(scrolled(axis, 0, 25, 40)).toBe(0);
        expect(scrolled(axis, 2, 0, 35)).toBe(5);
    });
});

describe("the keyboard", () => {
    // As in the rows: where there is something.
    const drawn = ["x.x.", "....", "xx.x", "..x."];
    const cells: Cells = { rows: 4, columns: 4, has: (row, column) => drawn[row]?.[column] === "x" };
    const go = (row: number, column: number, key: string) => {
        const found = beside(cells, { row, column }, key, 2);
        return found && [found.row, found.column];
    };

    test("goes past where there is nothing", () => {
        expect(go(0, 0, "ArrowRight")).toEqual([0, 2]);
        expect(go(0, 2, "ArrowLeft")).toEqual([0, 0]);
        expect(go(0, 0, "ArrowDown")).toEqual([2, 0]);
        expect(go(3, 2, "ArrowUp")).toEqual([0, 2]);
    });

    test("stays at the edge", () => {
        expect(go(0, 2, "ArrowRight")).toBeUndefined();
        expect(go(2, 3, "ArrowDown")).toBeUndefined();
        expect(go(0, 0, "ArrowUp")).toBeUndefined();
    });

    test("goes to the ends of a row, and by a screen", () => {
        expect(go(2, 1, "Home")).toEqual([2, 0]);
        expect(go(2, 1, "End")).toEqual([2, 3]);
        expect(go(0, 0, "PageDown")).toEqual([2, 0]);
        expect(go(0, 2, "PageDown")).toEqual([3, 2]);
        expect(go(2, 1, "PageDown")).toBeUndefined();
        expect(go(2, 0, "PageUp")).toEqual([0, 0]);
        expect(go(2, 3, "PageUp")).toBeUndefined();
    });

    test("leaves other keys alone", () => {
        expect(go(0, 0, "Enter")).toBeUndefined();
    });

    test("begins at the first cell", () => {
        expect(first(cells)).toEqual({ row: 0, column: 0 });
        expect(first({ ...cells, has: () => false })).toBeUndefined();
    });
});

describe("columns", () => {
    const sizes = { name: 130, cell: 32, aside: 288, top: 144 };

    test("that are few have their names beside each other, and leave nothing empty", () => {
        expect(spread(1246, 5, sizes)).toEqual({ aside: 596, column: 130, top: 40, upright: false });
        expect(spread(1246, 1, { ...sizes, name: 500 })).toMatchObject({ aside: 1054, column: 192 });
        expect(spread(1246, 3, { ...sizes, name: 20 })).toMatchObject({ aside: 982, column: 88 });
    });

    test("whose names find no room are narrow, with as much above them as the longest takes", () => {
        expect(spread(1246, 20, sizes)).toEqual({ aside: 606, column: 32, top: 130, upright: true });
        expect(spread(1246, 20, { ...sizes, name: 500 })).toMatchObject({ top: 144 });
        expect(spread(1246, 20, { ...sizes, name: 20 })).toMatchObject({ top: 48 });
    });

    test("that are many go beyond what is seen", () => {
        expect(spread(1246, 100, sizes)).toMatchObject({ aside: 288, column: 32, upright: true });
        expect(spread(364, 100, { ...sizes, aside: 164 })).toMatchObject({ aside: 164 });
    });
});
