/** What the page of a builder asks for: one request, then events; older builds come by the next page. */
import { live, type LiveQuery } from "../../api/live";
import { MASTERS, OFFLINE } from "../../widgets/queries";

const PAGE = 50;
/** Builds that the charts are of. */
const TREND = 400;
/** Builds whose steps are held against each other; of each of them at most so many: the API embeds 5,000 records. */
const COMPARED = 100;
const STEPS = 40;

const BUILD = [
    "buildid",
    "number",
    "masterid",
    "started_at",
    "complete",
    "complete_at",
    "results",
    "state_string",
] as const;

/** Of a builder by its name or id, and the history of builds with one of some results, of all if none is named. */
export function queriesOf(builder: string, results: readonly number[]) {
    const root = `builders/${encodeURIComponent(builder)}` as const;
    return {
        builder: live(
            root,
            {
                field: ["builderid", "name", "tags", "masterids", "description"],
                expand: ["last_finished_build", "last_good_build", "first_failed_build", "first_failed_build.changes"],
                "last_finished_build.field": ["number", "results", "state_string"],
                "last_good_build.field": ["number", "complete_at"],
                "first_failed_build.field": ["number", "complete_at"],
                "first_failed_build.changes.field": ["changeid", "author", "comments", "revision"],
                "first_failed_build.changes.limit": 10,
            },
            // These builds are in other events than its own.
            { again: `${root}/builds/*/*` },
        ),
        offline: OFFLINE,
        workers: live(
            `${root}/workers`,
            { field: ["workerid", "name", "connected_to", "paused", "pause_reason", "graceful"], order: "name" },
            { topic: false, again: "workers/*/*" },
        ),
        running: live(
            `${root}/builds`,
            {
                complete: false,
                order: "-number",
                limit: 50,
                field: [...BUILD, "eta"],
                expand: ["worker", "steps"],
                "worker.field": "name",
                "steps.order": "number",
                "steps.limit": STEPS,
                "steps.field": ["number", "name", "started_at", "complete", "hidden"],
            },
            {
                embed: { steps: { topic: "steps/*/*", parent: "buildid" } },
                again: `${root}/builds/*/new`,
            },
        ),
        waiting: live(`${root}/buildrequests`, {
            complete: false,
            claimed: false,
            order: ["-priority", "submitted_at"],
            limit: 200,
            field: ["buildrequestid", "submitted_at", "priority"],
            expand: ["buildset", "sourcestamps"],
            "buildset.field": "reason",
            "sourcestamps.field": ["branch", "revision"],
        }),
        history: live(
            `${root}/builds`,
            {
                ...(results.length > 0 ? { results } : {}),
                order: "-number",
                limit: PAGE,
                field: BUILD,
                expand: ["worker", "sourcestamps", "sourcestamps.changes"],
                "worker.field": "name",
                "sourcestamps.field": ["branch", "revision"],
                "sourcestamps.changes.field": ["changeid", "author", "comments"],
                "sourcestamps.changes.limit": 1,
            },
            { endless: true },
        ),
        trend: live(`${root}/builds`, {
            complete: true,
            order: "-number",
            limit: TREND,
            field: ["number", "started_at", "complete_at", "results"],
        }),
        compared: live(`${root}/builds`, {
            complete: true,
            order: "-number",
            limit: COMPARED,
            field: ["number", "properties"],
            // What the newest of a branch was.
            property: "got_revision",
            expand: ["steps", "sourcestamps"],
            "steps.order": "number",
            "steps.limit": STEPS,
            "steps.field": ["name", "results", "hidden"],
            "sourcestamps.field": ["ssid", "revision", "codebase"],
        }),
        masters: MASTERS,
    };
}

type Queries = ReturnType<typeof queriesOf>;
type Row<Name extends keyof Queries> = Queries[Name] extends LiveQuery<infer Found> ? Found : never;
export type BuilderRow = Row<"builder">;
export type WorkerRow = Row<"workers">;
export type RunningRow = Row<"running">;
export type WaitingRow = Row<"waiting">;
export type HistoryRow = Row<"history">;
export type TrendRow = Row<"trend">;
export type ComparedRow = Row<"compared">;
