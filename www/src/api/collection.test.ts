import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Collection, type Change } from "./collection";
import type { Fields } from "./http";
import { live } from "./live";
import { compareRows, orderOf } from "./order";

const BUILDS = live(
    "builds",
    { order: "-number", limit: 4, results: 0, expand: "steps", "steps.order": "number" },
    {
        embed: { steps: { topic: "steps/*/*", parent: "buildid" } },
    },
);

const at = (rows: readonly Fields[], key: string) => rows.map((row) => row[key]);

/** A server: what there is, what has happened, and what lists and subscriptions say of it. */
class World {
    readonly builds = new Map<number, Fields>();
    readonly steps = new Map<number, Fields>();
    /** Read from the log, and on its way. */
    readonly toldBuilds: Change[] = [];
    readonly toldSteps: Change[] = [];
    #logged: { build?: number; step?: number; record: Fields; matched: boolean }[] = [];

    write(build: number, number: number | null, results: number): void {
        const before = this.builds.get(build);
        const record = { buildid: build, number, results };
        this.builds.set(build, record);
        this.#logged.push({ build, record, matched: before?.["results"] === 0 });
    }

    writeStep(step: number, build: number, number: number): void {
        const record = { stepid: step, buildid: build, number };
        this.steps.set(step, record);
        this.#logged.push({ step, record, matched: false });
    }

    /** What is read of the log brings the steps of this moment, wherever the builds were at theirs. */
    read(): void {
        for (const { build, record, matched } of this.#logged) {
            if (build === undefined) {
                this.toldSteps.push({ record, embedded: "steps" });
            } else if (record["results"] === 0) {
                this.toldBuilds.push({ record: { ...record, steps: this.#stepsOf(build) } });
            } else if (matched) {
                this.toldBuilds.push({ record: { ...record, steps: this.#stepsOf(build) }, left: true });
            }
        }
        this.#logged = [];
    }

    all(): readonly Fields[] {
        return [...this.builds.entries()]
            .filter(([, { results }]) => results === 0)
            .map(([id, row]): Fields => ({ ...row, steps: this.#stepsOf(id) }))
            .sort((a, b) => compareRows(BUILDS.order, a, b));
    }

    page(after: Fields | undefined, limit: number) {
        const rest = this.all().filter((row) => !after || compareRows(BUILDS.order, row, after) > 0);
        const rows = rest.slice(0, limit);
        return { rows, meta: rest.length > limit ? { next: "next", total: rest.length } : { total: rest.length } };
    }

    #stepsOf(build: number): readonly Fields[] {
        const order = orderOf({ order: "number" }, { key: "stepid", order: "stepid" });
        return [...this.steps.values()]
            .filter(({ buildid }) => buildid === build)
            .sort((a, b) => compareRows(order, a, b));
    }
}

/** One thing that happens, by its kind and three small numbers. */
type Step = readonly [kind: string, a: number, b: number, c: number];
const small = fc.nat({ max: 11 });
const happens = fc.array(
    fc.tuple(
        fc.constantFrom(
            "build",
            "build",
            "step",
            "step",
            "read",
            "tellBuild",
            "tellStep",
            "list",
            "ask",
            "make",
            "come",
        ),
        small,
        small,
        small,
    ),
    { maxLength: 80, size: "max" },
);

/** A page that is on its way. */
interface Page {
    made?: ReturnType<World["page"]>;
}

function follow(steps: readonly Step[]) {
    const world = new World();
    const collection = new Collection(BUILDS);
    let border: Fields | undefined;
    let page: Page | undefined;
    const list = () => {
        // A subscription begins where the list was read.
        world.read();
        world.toldBuilds.length = world.toldSteps.length = 0;
        const { rows, meta } = world.page(undefined, 4);
        collection.replace(rows, meta);
        border = meta.next ? rows.at(-1) : undefined;
        page = undefined;
    };
    const tell = (queue: Change[], count: number) => {
        for (const change of queue.splice(0, count)) collection.apply(change);
    };
    for (let build = 0; build < 10; build++) {
        world.write(build, build, build === 3 ? 2 : 0);
        world.writeStep(build, build, 1);
    }
    list();
    for (const [kind, a, b, c] of steps) {
        if (kind === "build") world.write(a, b === 11 ? null : b, c < 8 ? 0 : 2);
        else if (kind === "step") world.writeStep(a + 12 * (b % 3), a, c);
        else if (kind === "read") world.read();
        else if (kind === "tellBuild") tell(world.toldBuilds, 1 + (a % 3));
        else if (kind === "tellStep") tell(world.toldSteps, 1 + (a % 3));
        else if (kind === "list" && a < 2) list();
        else if (kind === "ask" && !page && collection.next) {
            collection.startPage();
            page = {};
        } else if (kind === "make" && page) page.made ??= world.page(border, 4);
        else if (kind === "come" && page?.made) {
            const { rows, meta } = page.made;
            collection.append(rows, meta);
            border = meta.next ? rows.at(-1) : undefined;
            page = undefined;
        }
    }
    world.read();
    tell(world.toldSteps, Infinity);
    tell(world.toldBuilds, Infinity);
    return { collection, world, border };
}

describe("a collection", () => {
    test("is what a list gives that is asked for anew, up to its border, once it has been told of all", () => {
        fc.assert(
            fc.property(happens, (steps) => {
                const { collection, world, border } = follow(steps);
                const expected = world.all().filter((row) => !border || compareRows(BUILDS.order, row, border) <= 0);
                // What grew at its beginning may have lost its end.
                const shown = collection.more ? expected.slice(0, collection.rows.length) : expected;
                expect(collection.rows).toEqual(shown);
                if (!collection.more || collection.next) expect(collection.rows.length).toBe(expected.length);
                if (!border && !collection.more) expect(collection.total).toBe(expected.length);
            }),
            { numRuns: 500 },
        );
    });

    test("keeps rows that are as they were, when told again and when listed anew", () => {
        const collection = new Collection(live("builds", { order: "-buildid" }));
        const rows = [3, 2, 1].map((buildid) => ({ buildid, properties: { a: [1, "x"] } }));
        collection.replace(rows, {});
        const [first, second, third] = collection.rows;
        expect(collection.apply({ record: structuredClone(rows[1] ?? {}) })).toBe(false);
        collection.apply({ record: { buildid: 3, properties: { a: [2, "x"] } } });
        expect(collection.rows.map((row, index) => row === [first, second, third][index])).toEqual([false, true, true]);
        collection.replace([{ buildid: 4 }, ...structuredClone(rows)], {});
        expect(collection.rows.slice(2)).toEqual([second, third]);
        expect(collection.rows.slice(2).every((row, index) => row === [second, third][index])).toBe(true);
    });

    test("takes from events what a list has, too", () => {
        const collection = new Collection(live("workers"));
        collection.replace([{ workerid: 1, name: "a" }], {});
        for (const workerid of [1, 2]) collection.apply({ record: { workerid, name: "b", notify: ["ops"] } });
        expect(collection.rows).toEqual([1, 2].map((workerid) => ({ workerid, name: "b" })));
        const properties = new Collection(live("builds/7/properties"));
        properties.replace([{ branch: ["main", "Git"] }], {});
        properties.apply({ record: { revision: ["abc", "Git"] } });
        expect(properties.rows).toEqual([{ branch: ["main", "Git"], revision: ["abc", "Git"] }]);
    });

    test("keeps fields that events lack", () => {
        const collection = new Collection(live("builds", { field: ["results", "eta"] }));
        collection.replace([{ buildid: 1, results: null, eta: 7 }], {});
        collection.apply({ record: { buildid: 1, results: 0 } });
        expect(collection.rows).toEqual([{ buildid: 1, results: 0, eta: 7 }]);
    });

    test("loses its end when it grows at its beginning, and knows that there is more", () => {
        const collection = new Collection(live("builds", { order: "-buildid", limit: 4 }));
        // A page that was asked for before does not come any more.
        collection.startPage();
        collection.replace([{ buildid: 2 }, { buildid: 1 }], { total: 2 });
        for (let buildid = 3; buildid < 7; buildid++) collection.apply({ record: { buildid } });
        expect([collection.rows.length, collection.more, collection.total]).toEqual([6, false, 6]);
        collection.apply({ record: { buildid: 7 } });
        expect(at(collection.rows, "buildid")).toEqual([7, 6, 5, 4]);
        expect([collection.more, collection.next, collection.wanted, collection.total]).toEqual([
            true,
            undefined,
            4,
            7,
        ]);
        collection.apply({ record: { buildid: 2 } });
        expect(collection.rows.length).toBe(4);
    });

    test("counts what it does not hold", () => {
        const collection = new Collection(live("builds", { order: "-buildid", limit: 2, complete: false }));
        collection.replace([{ buildid: 9 }, { buildid: 8 }], { next: "…", total: 5 });
        expect(collection.apply({ record: { buildid: 3 }, left: true })).toBe(true);
        expect(collection.total).toBe(4);
        collection.apply({ record: { buildid: 9 }, left: true });
        expect([collection.total, at(collection.rows, "buildid")]).toEqual([3, [8]]);
        expect(collection.apply({ record: { buildid: 4 } })).toBe(false);
    });

    test("has one thing as a list of one", () => {
        const collection = new Collection(live("builds/7", {}));
        collection.replace([{ buildid: 7, results: null }], {});
        collection.apply({ record: { buildid: 7, results: 2 } });
        expect(collection.rows).toEqual([{ buildid: 7, results: 2 }]);
        expect([collection.more, collection.wanted]).toEqual([false, Infinity]);
    });
});
