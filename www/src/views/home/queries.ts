/** What the first page asks for: one request, then events. */
import { live, type LiveQuery } from "../../api/live";
import { OFFLINE } from "../../widgets/queries";

/** Builds that run and requests that wait, at most: a page of them says enough. */
const RUNNING = 150;
const WAITING = 500;
/** Of the changes that may have broken a builder. */
const SUSPECTS = 8;

export const QUERIES = {
    // Since when a builder is broken follows from its builds, and is in no event of its own.
    builders: live(
        "builders",
        {
            order: "name",
            field: ["builderid", "name", "masterids"],
            expand: ["last_finished_build", "last_good_build", "first_failed_build", "first_failed_build.changes"],
            "last_finished_build.field": ["number", "results", "state_string"],
            "last_good_build.field": ["number", "complete_at"],
            "first_failed_build.field": ["number", "results", "complete_at"],
            "first_failed_build.changes.field": ["changeid", "author", "comments"],
            "first_failed_build.changes.limit": SUSPECTS,
        },
        { again: "builds/*/finished" },
    ),
    offline: OFFLINE,
    // When a build will end is found out when it begins.
    running: live(
        "builds",
        {
            complete: false,
            order: "-buildid",
            limit: RUNNING,
            field: ["buildid", "number", "builderid", "masterid", "started_at", "complete", "state_string", "eta"],
            expand: ["steps", "worker"],
            "worker.field": "name",
            "steps.order": "number",
            "steps.limit": 30,
            "steps.field": ["number", "name", "started_at", "complete", "hidden"],
        },
        { embed: { steps: { topic: "steps/*/*", parent: "buildid" } }, again: "builds/*/new" },
    ),
    waiting: live("buildrequests", {
        complete: false,
        claimed: false,
        order: ["-priority", "submitted_at"],
        limit: WAITING,
        field: ["buildrequestid", "builderid", "submitted_at", "priority"],
    }),
    masters: live("masters", { field: ["masterid", "name", "active"] }),
};

type Row<Name extends keyof typeof QUERIES> = (typeof QUERIES)[Name] extends LiveQuery<infer Found> ? Found : never;
export type BuilderRow = Row<"builders">;
export type RunningRow = Row<"running">;
export type WaitingRow = Row<"waiting">;
export type MasterRow = Row<"masters">;
