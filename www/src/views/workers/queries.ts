/** What the pages of workers ask for. */
import { live, type LiveQuery } from "../../api/live";
import { MASTERS } from "../../widgets/queries";

const WORKER = [
    "workerid",
    "name",
    "connected_to",
    "configured_on",
    "paused",
    "pause_reason",
    "graceful",
    "workerinfo",
] as const;

/** What runs on any of them, or on one. */
function running<const Path extends "builds" | `workers/${string}/builds`>(path: Path) {
    return live(
        path,
        {
            complete: false,
            order: "-buildid",
            limit: 500,
            field: ["buildid", "number", "builderid", "workerid", "masterid", "started_at", "complete", "eta"],
            expand: "builder",
            "builder.field": "name",
        },
        { again: `${path}/*/new` },
    );
}

export const ALL = {
    workers: live("workers", { order: "name", field: WORKER }),
    running: running("builds"),
    masters: MASTERS,
};

export function queriesOf(worker: string) {
    const root = `workers/${encodeURIComponent(worker)}` as const;
    return {
        worker: live(root, { field: WORKER }),
        running: running(`${root}/builds`),
        masters: MASTERS,
        // Which ones they are is told with the worker, when a master begins or stops to have it.
        builders: live(
            `${root}/builders`,
            { order: "name", field: ["builderid", "name"] },
            { topic: false, again: `${root}/*` },
        ),
        history: live(
            `${root}/builds`,
            {
                complete: true,
                order: "-buildid",
                limit: 50,
                field: ["buildid", "number", "builderid", "started_at", "complete_at", "results", "state_string"],
                expand: "builder",
                "builder.field": "name",
            },
            { endless: true },
        ),
    };
}

type RowOfQuery<Q> = Q extends LiveQuery<infer Row> ? Row : never;
export type WorkerRow = RowOfQuery<typeof ALL.workers>;
export type RunningRow = RowOfQuery<typeof ALL.running>;
export type MasterRow = RowOfQuery<typeof ALL.masters>;
export type HistoryRow = RowOfQuery<ReturnType<typeof queriesOf>["history"]>;
