import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { columnsBetween, divided, LINE, placed, type Box, type Stretch } from "./geometry";
import { Scale } from "./scale";

const PER_SECOND = 0.1;
const scale = new Scale(PER_SECOND, 1_000_000, []);

function place(stretches: Stretch[], mostLanes = 4) {
    return placed(stretches, scale, mostLanes).boxes;
}

function at(start: number, length: number): Stretch {
    return { start: 1_000_000 + start, end: 1_000_000 + start + length };
}

/** As a fraction of the column's width. */
function across({ lane, lanes }: Box): [number, number] {
    return [lane / lanes, (lane + 1) / lanes];
}

function overlap(a: Box, b: Box): boolean {
    const [aLeft, aRight] = across(a);
    const [bLeft, bRight] = across(b);
    const near = 1e-6;
    return a.top < b.bottom - near && b.top < a.bottom - near && aLeft < bRight - near && bLeft < aRight - near;
}

const stretches = fc
    .array(
        fc.record({
            start: fc.integer({ min: 0, max: 20_000 }),
            length: fc.oneof(
                fc.integer({ min: 0, max: 400 }),
                fc.integer({ min: 0, max: 10_000 }),
                fc.constant(Infinity),
            ),
        }),
        { maxLength: 120 },
    )
    .map((list) => list.map(({ start, length }) => at(start, length)).sort((a, b) => a.start - b.start));

describe("placed", () => {
    test("puts the newest on top, each as high as it took long", () => {
        expect(place([at(0, 1000), at(2000, 500)])).toEqual([
            { members: [0], top: -100, bottom: 0, lane: 0, lanes: 1, end: 1_001_000 },
            { members: [1], top: -250, bottom: -200, lane: 0, lanes: 1, end: 1_002_500 },
        ]);
    });

    test("puts what ran at the same time side by side, and only that", () => {
        const boxes = place([at(0, 1000), at(500, 1000), at(1200, 1000), at(5000, 1000)]);
        expect(boxes.map(({ lane, lanes }) => [lane, lanes])).toEqual([
            [0, 2],
            [1, 2],
            [0, 2],
            [0, 1],
        ]);
    });

    test("has what runs reach up to the present, whatever that is", () => {
        expect(place([at(0, Infinity)])[0]?.top).toBe(-Infinity);
    });

    test("makes what was short high enough for a line of text", () => {
        expect(place([at(0, 10)])).toMatchObject([{ top: -LINE, bottom: 0 }]);
    });

    test("moves up what follows closely upon something short, but puts it in no lane of its own", () => {
        expect(place([at(0, 100), at(110, 1000)])).toMatchObject([
            { top: -LINE, bottom: 0, lanes: 1 },
            { top: -111, bottom: -LINE, lanes: 1 },
        ]);
    });

    test("makes one box of what is too close together", () => {
        expect(place([at(0, 10), at(20, 10), at(40, 10), at(500, 10)]).map(({ members }) => members)).toEqual([
            [0, 1, 2],
            [3],
        ]);
    });

    test("has no more lanes than there is room for", () => {
        const boxes = place(
            Array.from({ length: 500 }, (_, index) => at(0, 100 + index)),
            3,
        );
        expect(boxes.map(({ members, lanes }) => [members.length, lanes])).toEqual([
            [1, 3],
            [1, 3],
            [498, 3],
        ]);
    });

    test("places everything once, never over anything else, and near its time", () => {
        fc.assert(
            fc.property(stretches, fc.integer({ min: 1, max: 5 }), (list, mostLanes) => {
                const boxes = place(list, mostLanes);
                const members = boxes.flatMap((box) => [...box.members]);
                expect(members.sort((a, b) => a - b)).toEqual(list.map((_, index) => index));
                for (const [index, box] of boxes.entries()) {
                    expect(box.bottom - box.top).toBeGreaterThanOrEqual(LINE - 1e-6);
                    expect(box.lane).toBeLessThan(box.lanes);
                    expect(box.lanes).toBeLessThanOrEqual(mostLanes);
                    for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
                    for (const member of box.members) {
                        const wanted = scale.place(list[member]?.start ?? 0);
                        expect(wanted).toBeGreaterThan(box.top - 1e-6);
                        expect(wanted).toBeLessThan(box.bottom + 2.5 * LINE);
                    }
                    const [only] = box.members;
                    if (box.members.length > 1 || only === undefined) continue;
                    const { start = 0, end = 0 } = list[only] ?? {};
                    expect(Math.abs(box.bottom - scale.place(start))).toBeLessThan(2.5 * LINE);
                    if (end === Infinity) expect(box.top).toBe(-Infinity);
                    else expect(Math.abs(box.top - scale.place(end))).toBeLessThan(2.5 * LINE + LINE);
                }
            }),
            { numRuns: 300 },
        );
    });

    test("has a bounded number of boxes, however many stretches there are", () => {
        const many = Array.from({ length: 20_000 }, (_, index) => at(index, 1));
        expect(place(many).length).toBeLessThanOrEqual((20_000 * PER_SECOND) / (LINE / 2));
    });
});

describe("Column", () => {
    test("finds what is between two places, also what is higher than the window", () => {
        fc.assert(
            fc.property(stretches, fc.integer({ min: -2500, max: 100 }), fc.nat(800), (list, top, height) => {
                const column = placed(list, scale, 3);
                expect(column.between(top, top + height)).toEqual(
                    column.boxes.filter((box) => box.top < top + height && box.bottom > top),
                );
                for (const box of column.boxes) expect(column.between(box.bottom - 1, box.bottom)).toContain(box);
            }),
        );
    });

    test("finds what moved less than what is beside it", () => {
        const column = placed([at(0, 1000), at(0, 20), at(25, 1000), at(30, 1000)], scale, 4);
        expect(column.boxes.map(({ bottom }) => bottom)).toEqual([0, 0, -LINE, -3]);
        expect(column.between(-4, -3).map(({ members }) => members)).toContainEqual([3]);
    });

    test("knows in which box something is", () => {
        fc.assert(
            fc.property(stretches, (list) => {
                const column = placed(list, scale, 3);
                for (const [index] of list.entries()) {
                    expect(column.boxes[column.holding(index)]?.members).toContain(index);
                }
                expect(column.holding(list.length)).toBe(-1);
            }),
        );
    });

    test("knows which box is nearest to a place", () => {
        const column = placed([at(0, 1000), at(2000, 500), at(5000, Infinity)], scale, 3);
        expect(column.nearest(0, -600)).toBe(0);
        expect(column.nearest(-200, -600)).toBe(1);
        expect(column.nearest(-560, -600)).toBe(2);
        expect(placed([], scale, 3).nearest(0, -600)).toBe(-1);
    });
});

test("columnsBetween gives those of which something can be seen", () => {
    expect(columnsBetween(500, 100, 0, 1000)).toEqual([0, 10]);
    expect(columnsBetween(500, 100, 250, 451)).toEqual([2, 5]);
    expect(columnsBetween(3, 100, 0, 1000)).toEqual([0, 3]);
    expect(columnsBetween(3, 100, 1000, 2000)).toEqual([3, 3]);
});

describe("divided", () => {
    test("gives each its least, and the rest by weight", () => {
        expect(
            divided(100, [
                { weight: 1, least: 10 },
                { weight: 3, least: 10 },
            ]),
        ).toEqual([30, 70]);
    });

    test("gives less than the least where there is no room, and the same to what has no weight", () => {
        const none = { weight: 0, least: 10 };
        expect(divided(10, [none, none])).toEqual([5, 5]);
        expect(divided(40, [none, none])).toEqual([20, 20]);
        expect(divided(40, [])).toEqual([]);
    });
});
