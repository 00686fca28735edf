/** What the list of builders asks for: one request, then events. */
import { live, type LiveQuery } from "../../api/live";
import { MASTERS, OFFLINE } from "../../widgets/queries";

/** Builds that are shown of each builder. */
export const STRIP = 20;
/** Builders of a page: the API embeds 5,000 records at most. */
const PAGE = 200;

export const QUERIES = {
    builders: live(
        "builders",
        {
            order: "name",
            limit: PAGE,
            field: ["builderid", "name", "tags", "masterids"],
            expand: "builds",
            "builds.order": "-number",
            "builds.limit": STRIP,
            "builds.field": ["builderid", "masterid", "number", "started_at", "complete_at", "results"],
        },
        { embed: { builds: { topic: "builds/*/*", parent: "builderid" } } },
    ),
    offline: OFFLINE,
    waiting: live("buildrequests", {
        complete: false,
        claimed: false,
        limit: 1000,
        field: ["buildrequestid", "builderid", "submitted_at"],
    }),
    masters: MASTERS,
};

type Row<Name extends keyof typeof QUERIES> = (typeof QUERIES)[Name] extends LiveQuery<infer Found> ? Found : never;
export type BuilderRow = Row<"builders">;
export type BuildRow = BuilderRow["builds"][number];
export type WaitingRow = Row<"waiting">;
export type MasterRow = Row<"masters">;
