import { describe, expect, test } from "vitest";
import { ALL, type Filter } from "../../widgets/filters";
import { linesOf, matches, sorted, tagsOf, type Line, type Order, type Rows } from "./model";
import { pointsOf } from "./spark";

type Builder = Rows["builders"][number];
type Build = Builder["builds"][number];

/** The newest first, as the API has them; null runs. */
function builds(builderid: number, codes: readonly (number | null)[], given: Partial<Build> = {}): Build[] {
    return codes.map((results, index) => {
        const number = codes.length - index;
        const complete_at = results === null ? null : number * 1000 + number * 10;
        return {
            buildid: number,
            builderid,
            masterid: 1,
            number,
            started_at: number * 1000,
            complete_at,
            results,
            ...given,
        };
    });
}

function builder(builderid: number, codes: readonly (number | null)[], given: Partial<Builder> = {}): Builder {
    return { builderid, name: `b${builderid}`, tags: [], masterids: [1], builds: builds(builderid, codes), ...given };
}

function lines(builders: readonly Builder[], rows: Partial<Rows> = {}): Line[] {
    const masters = [
        { masterid: 1, active: true },
        { masterid: 2, active: false },
    ];
    return linesOf({ builders, offline: [], waiting: [], masters, ...rows });
}

const line = (codes: readonly (number | null)[], rows?: Partial<Rows>) => lines([builder(1, codes)], rows)[0];

describe("a line", () => {
    test("is of the last build that is complete, and has all builds, the oldest first", () => {
        const found = line([null, 2, 0]);
        expect(found).toMatchObject({ status: "failure", state: "building", broken: true });
        expect(found?.builds.map(({ number }) => number)).toEqual([1, 2, 3]);
        expect(found?.running.map(({ number }) => number)).toEqual([3]);
    });

    test("stays broken when builds are cancelled or tried again, until one is good", () => {
        expect(line([6, 5, 4, 0])).toMatchObject({ status: "cancelled", broken: true });
        expect(line([1, 4, 0])).toMatchObject({ status: "warnings", broken: false });
        expect(line([])).toMatchObject({ status: "pending", broken: false, last: undefined });
    });

    test("has no more builds than are asked for, however many have come since", () => {
        expect(line(Array.from({ length: 30 }, () => 0))?.builds.map(({ number }) => number)).toEqual(
            Array.from({ length: 20 }, (_, index) => 11 + index),
        );
    });

    test("does not run what a master was at when it died", () => {
        const [found] = lines([builder(1, [0], { builds: builds(1, [null, 0], { masterid: 2 }) })]);
        expect(found).toMatchObject({ state: "idle", running: [] });
    });

    test("tells where nobody can build, and how many wait since when", () => {
        const waiting = [70, 60].map((submitted_at) => ({ buildrequestid: submitted_at, builderid: 1, submitted_at }));
        expect(line([0], { offline: [{ builderid: 1 }], waiting })).toMatchObject({
            state: "offline",
            waiting: 2,
            oldest: 60,
        });
    });

    test("takes as long as its last five good builds did", () => {
        // The n-th build takes 10 n seconds: those of 3, 4, 5, 7 and 8 are good.
        expect(line([1, 0, 2, 0, 0, 0, 0, 0])?.usual).toBe((30 + 40 + 50 + 70 + 80) / 5);
        expect(line([2, 4])?.usual).toBeUndefined();
        expect(line([6, 2, 0])?.durations).toEqual([
            { number: 1, seconds: 10, status: "success" },
            { number: 2, seconds: 20, status: "failure" },
        ]);
    });

    test("stays the same object while nothing about it is another thing", () => {
        const rows = [builder(1, [0]), builder(2, [0])];
        const [first, second] = lines(rows);
        const waiting = [{ buildrequestid: 1, builderid: 2, submitted_at: 60 }];
        const [again, changed] = lines(rows, { waiting });
        expect(again).toBe(first);
        expect(changed).not.toBe(second);
        expect(changed?.waiting).toBe(1);
    });

    test("is there only while a master runs its builder, or none runs at all", () => {
        const left = [builder(1, [0], { masterids: [] })];
        expect(lines(left)).toEqual([]);
        expect(lines(left, { masters: [{ masterid: 1, active: false }] })).toMatchObject([
            { id: 1, status: "success" },
        ]);
    });
});

describe("the order", () => {
    const all = lines([
        builder(10, [0, 0]),
        builder(9, [6, 2]),
        builder(2, [2]),
        builder(1, [0, 0, 0], { tags: ["slow"] }),
        builder(3, []),
    ]);
    const by = (order: Order) => sorted(all, order).map(({ id }) => id);

    test("begins with what is broken, and goes by name with numbers as numbers", () => {
        expect(by("failing")).toEqual([2, 9, 1, 10, 3]);
        expect(by("name")).toEqual([1, 2, 3, 9, 10]);
        expect(by("last")).toEqual([1, 9, 10, 2, 3]);
        expect(by("duration")).toEqual([1, 10, 2, 3, 9]);
    });
});

describe("a filter", () => {
    const [found] = lines([builder(1, [null, 2], { name: "Linux gcc", tags: ["slow", "unix"] })]);
    if (!found) throw new Error("no line");
    test.each<[Partial<Filter>, boolean]>([
        [{ text: "LIN slow" }, true],
        [{ text: "lin clang" }, false],
        [{ tag: ["quick", "unix"] }, true],
        [{ tag: ["quick"] }, false],
        [{ results: ["running"] }, true],
        [{ results: ["failure"] }, true],
        [{ results: ["success", "pending"] }, false],
        [{ text: "linux", tag: ["quick"] }, false],
    ])("%j: %s", (filter, is) => expect(matches(found, { ...ALL, ...filter })).toBe(is));

    test("has all tags to choose from, once", () => {
        expect(tagsOf([found, { ...found, tags: ["a", "slow"] }])).toEqual(["a", "slow", "unix"]);
    });
});

test("the line of durations goes from one edge to the other, and half of the shortest is its ground", () => {
    expect(pointsOf([10, 20])).toEqual([
        [2.5, 12.5],
        [77.5, 2.5],
    ]);
    expect(pointsOf([0, 0])).toEqual([
        [2.5, 17.5],
        [77.5, 17.5],
    ]);
});
