import { expect, test } from "vitest";
import { factsOf, workersOf } from "./model";
import type { RunningRow, WorkerRow } from "./queries";

const MASTERS = [
    { masterid: 1, active: true },
    { masterid: 2, active: false },
];

function row(workerid: number, given: Partial<WorkerRow> = {}): WorkerRow {
    return {
        workerid,
        name: `w${workerid}`,
        connected_to: [{ masterid: 1 }],
        configured_on: [
            { masterid: 1, builderid: 1 },
            { masterid: 2, builderid: 1 },
        ],
        paused: false,
        pause_reason: null,
        graceful: false,
        workerinfo: {},
        ...given,
    };
}

const build = (workerid: number, masterid = 1) =>
    ({ buildid: workerid, workerid, masterid, complete: false }) as unknown as RunningRow;

test("what somebody has to look at comes first, then what builds", () => {
    const rows = [
        row(10),
        row(9),
        row(3, { graceful: true }),
        row(2, { paused: true, pause_reason: "disk" }),
        row(1, { connected_to: [] }),
        row(4),
    ];
    expect(workersOf(rows, [build(4)], MASTERS).map(({ name, text }) => `${name} ${text}`)).toEqual([
        "w1 not connected",
        "w2 paused: disk",
        "w3 shuts down when it is idle",
        "w4 builds",
        "w9 idle",
        "w10 idle",
    ]);
});

test("a master that died has no workers and runs nothing", () => {
    const [found] = workersOf([row(1, { connected_to: [{ masterid: 2 }] })], [build(1, 2)], MASTERS);
    expect(found).toMatchObject({ state: "missing", running: [], builders: 1 });
    const [gone] = workersOf([row(1, { connected_to: [], configured_on: [] })], [], MASTERS);
    expect(gone?.text).toBe("not connected, and no master knows it any more");
});

test("where no master runs, what it was for is not known", () => {
    const [found] = workersOf([row(1, { connected_to: [], configured_on: [] })], [], MASTERS.slice(1));
    expect(found).toMatchObject({ state: "missing", text: "not connected", builders: undefined });
});

test("what it said of itself is text, whatever it is", () => {
    const workerinfo = {
        host: "\nh\nof a rack\n",
        version: "4.3.0",
        admin: null,
        environ: { PATH: "/bin" },
        empty: " ",
    };
    const [found] = workersOf([row(1, { workerinfo })], [], MASTERS);
    if (!found) throw new Error("no worker");
    expect(found.info).toEqual([
        ["host", "h\nof a rack"],
        ["version", "4.3.0"],
        ["environ", '{"PATH":"/bin"}'],
    ]);
    expect(factsOf(found)).toBe("h of a rack, version 4.3.0");
});
