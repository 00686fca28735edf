import { expect, test } from "vitest";
import { queuesOf } from "./model";
import type { RequestRow, RunningRow } from "./queries";

function request(buildrequestid: number, builderid: number, submitted_at: number, priority = 0): RequestRow {
    return {
        buildrequestid,
        builderid,
        submitted_at,
        priority,
        builder: { name: `b${builderid}`, tags: ["slow"] },
        buildset: { reason: "forced" },
        sourcestamps: [
            { branch: null, revision: null },
            { branch: "main", revision: "aee3f94ac4e917b205ad90db4f1371cb3f380f29" },
        ],
    };
}

const MASTERS = [
    { masterid: 1, active: true },
    { masterid: 2, active: false },
];
const build = (number: number, builderid: number, masterid = 1) =>
    ({ buildid: number, number, builderid, masterid, complete: false }) as unknown as RunningRow;

test("each builder has its queue, in the order in which the server has the requests", () => {
    const rows = [request(5, 1, 90, 9), request(3, 2, 10), request(4, 1, 20)];
    const queues = queuesOf(rows, [build(7, 1), build(8, 2, 2)], [{ builderid: 2 }], MASTERS);
    expect(queues.map(({ name, oldest, offline }) => [name, oldest, offline])).toEqual([
        ["b2", 10, true],
        ["b1", 20, false],
    ]);
    expect(queues[1]?.requests.map(({ id, position, priority }) => [id, position, priority])).toEqual([
        [5, 1, 9],
        [4, 2, 0],
    ]);
    expect(queues.map(({ running }) => running.map(({ number }) => number))).toEqual([[], [7]]);
});

test("a request says what of, and why", () => {
    const [queue] = queuesOf([request(1, 1, 1)], [], [], MASTERS);
    expect(queue?.requests).toMatchObject([{ source: "default branch, main aee3f94ac4", reason: "forced" }]);
});
