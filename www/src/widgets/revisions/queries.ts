/**
 * What was built of which revision: one request, then events.
 *
 * From builds to what they were built of, and not the other way, because every database has the indexes for that. Of what was
 * committed since the oldest build that is loaded, all builds are loaded.
 */
import type { ChangePart } from "../../api/generated";
import { live, type LiveQuery } from "../../api/live";
import { BUILDERS, MASTERS } from "../queries";

/** The API embeds 5,000 records at most. */
const BUILDS = 1000;
const CODEBASES = 5;

const STAMPS = {
    expand: "sourcestamps",
    // Of the many that a build may have, the newest are those that it was made for.
    "sourcestamps.order": "-ssid",
    "sourcestamps.limit": CODEBASES,
    "sourcestamps.field": ["ssid", "branch", "revision", "codebase"],
} as const;

export const CHANGE_FIELDS = [
    "changeid",
    "author",
    "comments",
    "when_timestamp",
    "branch",
    "revision",
    "revlink",
    "codebase",
    "sourcestamp",
] as const;

export const QUERIES = {
    builders: BUILDERS,
    masters: MASTERS,
    builds: live(
        "builds",
        {
            order: "-buildid",
            limit: BUILDS,
            field: [
                "buildid",
                "number",
                "builderid",
                "masterid",
                "started_at",
                "complete",
                "complete_at",
                "results",
                "properties",
            ],
            property: "got_revision",
            ...STAMPS,
        },
        { endless: true },
    ),
    waiting: live("buildrequests", {
        complete: false,
        claimed: false,
        order: "-buildrequestid",
        limit: BUILDS,
        field: ["buildrequestid", "builderid", "submitted_at"],
        ...STAMPS,
    }),
    changes: live(
        "changes",
        {
            order: "-changeid",
            limit: 100,
            field: CHANGE_FIELDS,
        },
        { endless: true },
    ),
};

type Row<Name extends keyof typeof QUERIES> = (typeof QUERIES)[Name] extends LiveQuery<infer Found> ? Found : never;

export type BuilderRow = Row<"builders">;
export type BuildRow = Row<"builds">;
export type WaitingRow = Row<"waiting">;
export type MasterRow = Row<"masters">;
/** The document has two schemas of the name Change, of which the types have the other one. */
export type ChangeRow = Readonly<Required<Pick<ChangePart, (typeof CHANGE_FIELDS)[number]>>>;
