/** What the waterfall asks for: one request, then events; older builds come by the next page. */
import { live, type LiveQuery } from "../../api/live";
import { BUILDERS, MASTERS } from "../../widgets/queries";

/** Builds of a page. The API embeds 5,000 records at most: their steps, and a source stamp or a few. */
const PAGE = 200;
const STEPS = 20;

/** Of the present, or of what was at a time and before. */
export function queriesOf(until: number | undefined) {
    const then = until === undefined ? {} : { started_at__le: Math.floor(until) };
    return {
        builders: BUILDERS,
        builds: live(
            "builds",
            {
                ...then,
                order: "-buildid",
                limit: PAGE,
                field: [
                    "buildid",
                    "number",
                    "builderid",
                    "masterid",
                    "started_at",
                    "complete",
                    "complete_at",
                    "results",
                    "state_string",
                ],
                expand: ["steps", "sourcestamps"],
                "sourcestamps.field": "branch",
                "steps.order": "number",
                "steps.limit": STEPS,
                "steps.field": [
                    "stepid",
                    "number",
                    "name",
                    "buildid",
                    "started_at",
                    "complete",
                    "complete_at",
                    "results",
                    "state_string",
                    "hidden",
                ],
            },
            { endless: true, embed: { steps: { topic: "steps/*/*", parent: "buildid" } } },
        ),
        // What depends on other builds is in no event: it is asked for once, of those that run, and found for others.
        estimates: live("builds", { complete: false, field: ["buildid", "eta"], limit: 500 }, { topic: false }),
        waiting: live("buildrequests", {
            complete: false,
            claimed: false,
            order: ["-priority", "submitted_at"],
            limit: 500,
            field: ["buildrequestid", "builderid", "submitted_at", "priority"],
        }),
        changes: live(
            "changes",
            {
                ...(until === undefined ? {} : { when_timestamp__le: Math.floor(until) }),
                order: "-changeid",
                limit: 100,
                field: ["changeid", "author", "comments", "when_timestamp", "branch", "revision", "sourcestamp"],
            },
            { endless: true },
        ),
        masters: MASTERS,
    };
}

type Queries = ReturnType<typeof queriesOf>;
type Row<Name extends keyof Queries> = Queries[Name] extends LiveQuery<infer Found> ? Found : never;
export type BuilderRow = Row<"builders">;
export type BuildRow = Row<"builds">;
export type StepRow = BuildRow["steps"][number];
export type EstimateRow = Row<"estimates">;
export type WaitingRow = Row<"waiting">;
export type ChangeRow = Row<"changes">;
export type MasterRow = Row<"masters">;
