/** What the page of requests that wait asks for. */
import { live, type LiveQuery } from "../../api/live";
import { MASTERS, OFFLINE } from "../../widgets/queries";

export const QUERIES = {
    // In the order in which each builder takes them, so that their places are counted here.
    requests: live("buildrequests", {
        complete: false,
        claimed: false,
        order: ["-priority", "submitted_at"],
        limit: 200,
        field: ["buildrequestid", "builderid", "submitted_at", "priority"],
        expand: ["builder", "buildset", "sourcestamps"],
        "builder.field": ["name", "tags"],
        "buildset.field": "reason",
        "sourcestamps.field": ["branch", "revision"],
    }),
    running: live(
        "builds",
        {
            complete: false,
            order: "buildid",
            limit: 500,
            field: ["buildid", "number", "builderid", "masterid", "started_at", "complete", "eta"],
        },
        { again: "builds/*/new" },
    ),
    offline: OFFLINE,
    masters: MASTERS,
};

type RowOfQuery<Q> = Q extends LiveQuery<infer Row> ? Row : never;
export type RequestRow = RowOfQuery<typeof QUERIES.requests>;
export type RunningRow = RowOfQuery<typeof QUERIES.running>;
export type MasterRow = RowOfQuery<typeof QUERIES.masters>;
