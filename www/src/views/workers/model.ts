/** What workers do, from the rows of the API. */
import { isDeserted } from "../../base/masters";
import { compareNames } from "../../base/text";
import type { MasterRow, RunningRow, WorkerRow } from "./queries";

export interface Worker {
    readonly id: number;
    readonly name: string;
    readonly state: "busy" | "idle" | "paused" | "stopping" | "missing";
    /** The state in words. */
    readonly text: string;
    /** How many builders it may build for; undefined: a master would have to say so, and none runs. */
    readonly builders: number | undefined;
    readonly running: readonly RunningRow[];
    /** What it said of itself. */
    readonly info: readonly (readonly [name: string, value: string])[];
}

/** What somebody has to look at comes first. */
const ORDER: readonly Worker["state"][] = ["missing", "paused", "stopping", "busy", "idle"];

export function workersOf(
    workers: readonly WorkerRow[],
    running: readonly RunningRow[],
    masters: readonly MasterRow[],
): readonly Worker[] {
    const alive = new Set(masters.filter(({ active }) => active).map(({ masterid }) => masterid));
    return workers
        .map((row) => workerOf(row, running, alive, isDeserted(masters)))
        .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || compareNames(a.name, b.name));
}

function workerOf(row: WorkerRow, all: readonly RunningRow[], alive: ReadonlySet<number>, deserted: boolean): Worker {
    const { workerid: id, name, connected_to, configured_on, paused, pause_reason, graceful, workerinfo } = row;
    // Rows of a master that died stay until its next start.
    const connected = connected_to.some(({ masterid }) => alive.has(masterid));
    const running = all.filter((build) => build.workerid === id && !build.complete && alive.has(build.masterid));
    const state = !connected
        ? "missing"
        : paused
          ? "paused"
          : graceful
            ? "stopping"
            : running.length > 0
              ? "busy"
              : "idle";
    const texts = {
        missing:
            deserted || configured_on.length > 0 ? "not connected" : "not connected, and no master knows it any more",
        paused: pause_reason ? `paused: ${pause_reason}` : "paused",
        stopping: "shuts down when it is idle",
        busy: "builds",
        idle: "idle",
    };
    return {
        id,
        name,
        state,
        text: texts[state],
        builders: deserted ? undefined : new Set(configured_on.map(({ builderid }) => builderid)).size,
        running,
        info: Object.entries(workerinfo).flatMap(([key, value]) => {
            const said = typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
            // It comes from commands and files there, whose texts end with a line.
            return said.trim() ? [[key, said.trim()] as const] : [];
        }),
    };
}

/** What it is, in a line. */
export function factsOf({ info }: Worker): string {
    return info
        .filter(([key]) => key === "host" || key === "version")
        .map(([key, value]) => (key === "version" ? `version ${value}` : value.replace(/\s+/g, " ")))
        .join(", ");
}
