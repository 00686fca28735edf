import { describe, expect, test } from "vitest";
import { overview, people, type Rows } from "./model";

type Builder = Rows["builders"][number];

function builder(builderid: number, given: object = {}): Builder {
    const none = { last_finished_build: null, last_good_build: null, first_failed_build: null };
    return { builderid, name: `b${builderid}`, masterids: [1], ...none, ...given };
}

function finished(number: number, results: number) {
    return { number, results, state_string: `result ${results}`, complete_at: 1000 + number };
}

function failed(number: number, ...authors: string[]) {
    const changes = authors.map((author, index) => ({ changeid: 90 - index, author, comments: `Do ${index}\n\nmore` }));
    return { ...finished(number, 2), changes };
}

function running(buildid: number, builderid: number, given: object = {}): Rows["running"][number] {
    const rest = { masterid: 1, started_at: 100, complete: false, state_string: "building", eta: null, steps: [] };
    return { buildid, builderid, number: buildid, worker: { name: "w" }, ...rest, ...given };
}

function request(builderid: number, submitted_at: number): Rows["waiting"][number] {
    return { buildrequestid: submitted_at, builderid, submitted_at, priority: 0 };
}

function shown(rows: Partial<Rows>) {
    const masters = [
        { masterid: 1, name: "m1", active: true },
        { masterid: 2, name: "m2", active: false },
    ];
    return overview({ builders: [], offline: [], running: [], waiting: [], masters, ...rows });
}

test("builders whose rows are as they were stay the same objects, whatever happens elsewhere", () => {
    const rows = [builder(1, { last_finished_build: finished(3, 0) }), builder(2)];
    const before = shown({ builders: rows }).builders;
    const after = shown({ builders: rows, running: [running(7, 1)], waiting: [request(2, 5)] }).builders;
    expect(after.every((each, index) => each === before[index])).toBe(true);
});

describe("what is broken", () => {
    test("says since which build, after which good one, and who changed what before", () => {
        const { broken } = shown({
            builders: [
                builder(1, {
                    first_failed_build: failed(5, "Ada <a@example.org>", "Béla <b@example.org>", "Ada <a@example.org>"),
                    last_good_build: finished(4, 0),
                    last_finished_build: finished(8, 4),
                }),
            ],
        });
        expect(broken).toMatchObject([
            {
                id: 1,
                status: "exception",
                text: "result 4",
                first: 5,
                last: 8,
                since: 1005,
                good: { number: 4, at: 1004 },
            },
        ]);
        expect(broken[0]?.suspects[0]).toEqual({ id: 90, person: "Ada", title: "Do 0" });
        expect(people(broken[0]?.suspects ?? [])).toEqual(["Ada", "Béla"]);
    });

    test("has what broke last first, and nothing that is good or was given up", () => {
        const bad = (number: number) => ({
            first_failed_build: failed(number),
            last_finished_build: finished(number, 2),
        });
        const { broken, builders } = shown({
            builders: [
                builder(1, bad(3)),
                builder(2, bad(9)),
                builder(3),
                builder(4, { ...bad(5), masterids: [] }),
                builder(5, { last_finished_build: finished(1, 0) }),
            ],
        });
        expect(broken.map(({ id, good }) => [id, good])).toEqual([
            [2, undefined],
            [1, undefined],
        ]);
        expect(builders.map(({ id, status }) => [id, status])).toEqual([
            [1, "failure"],
            [2, "failure"],
            [5, "success"],
            [3, "pending"],
        ]);
    });

    test("stays so when a build is cancelled, and says which build may mend it", () => {
        const { broken } = shown({
            builders: [builder(1, { first_failed_build: failed(5), last_finished_build: finished(6, 6) })],
            running: [running(7, 1)],
        });
        expect(broken).toMatchObject([{ status: "failure", last: 6, running: 7 }]);
    });
});

describe("what runs", () => {
    test("ends next first; what has no estimate is last, and what a dead master was at is left out", () => {
        const found = shown({
            builders: [builder(1)],
            running: [
                running(1, 1),
                running(2, 1, { eta: 500 }),
                running(3, 1, { eta: 400 }),
                running(4, 1, { masterid: 2 }),
            ],
        });
        expect(found.running.map(({ id }) => id)).toEqual([3, 2, 1]);
    });

    test("says which of its steps it is at, hidden ones not counted", () => {
        const step = (name: string, started_at: number | null, complete: boolean, hidden = false) =>
            ({ name, started_at, complete, hidden }) as const;
        const steps = [step("a", 1, true), step("h", 1, false, true), step("b", 2, false), step("c", null, false)];
        const [found] = shown({ running: [running(1, 9, { steps })] }).running;
        expect(found).toMatchObject({ step: "b", done: 1, steps: 3, builder: { id: 9, name: "builder 9" } });
    });
});

describe("what waits", () => {
    test("is told by builder, the longest first, with the reason", () => {
        const { waiting, requests } = shown({
            builders: [builder(1), builder(2), builder(3)],
            offline: [{ builderid: 2 }],
            running: [running(8, 1)],
            waiting: [request(1, 50), request(3, 40), request(1, 30), request(2, 60)],
        });
        expect(requests).toBe(4);
        expect(
            waiting.map(({ builder, count, oldest, why, behind }) => [builder.id, count, oldest, why, behind?.id]),
        ).toEqual([
            [1, 2, 30, "busy", 8],
            [3, 1, 40, "soon", undefined],
            [2, 1, 60, "offline", undefined],
        ]);
    });
});

test("where no master is active, builders are shown as they were left, and nothing runs", () => {
    const left = builder(1, {
        masterids: [],
        first_failed_build: failed(5),
        last_finished_build: finished(5, 2),
    });
    const masters = [{ masterid: 2, name: "m2", active: false }];
    const found = shown({ builders: [left], running: [running(7, 1, { masterid: 2 })], masters });
    expect(found).toMatchObject({ builders: [{ id: 1, status: "failure" }], broken: [{ id: 1 }], running: [] });
});
