/** What the page of a build asks for: all in one request, then events. */
import type { ChangePart } from "../../api/generated";
import { live, type LiveQuery } from "../../api/live";

/** Lines of the end of each log of a failed step. */
export const TAIL = 30;
/** Of one set: who has more has other troubles than the names of all. */
const MOST_FINDINGS = 100;
const MOST_CHANGES = 50;

const NEIGHBOUR = ["buildid", "number", "results", "complete"] as const;

/** Of one build, by the builder's id or name. */
export function queriesOf(builder: string, number: number) {
    const builds = `builders/${encodeURIComponent(builder)}/builds` as "builders/1/builds";
    const path = `${builds}/${number}` as "builders/1/builds/1";
    return {
        build: live(path, {
            field: [
                "buildid",
                "number",
                "builderid",
                "buildrequestid",
                "started_at",
                "complete",
                "complete_at",
                "locks_duration_s",
                "results",
                "state_string",
                "properties",
                "eta",
            ],
            property: "*",
            expand: [
                "builder",
                "worker",
                "master",
                "buildrequest",
                "buildset",
                "sourcestamps",
                "triggering_build",
                "triggering_build.builder",
            ],
            "builder.field": ["builderid", "name"],
            "worker.field": ["workerid", "name"],
            "master.field": ["masterid", "name", "active"],
            "buildrequest.field": ["buildrequestid", "submitted_at", "priority"],
            "buildset.field": ["bsid", "reason", "parent_relationship"],
            "triggering_build.field": ["buildid", "number", "builderid"],
            "triggering_build.builder.field": ["builderid", "name"],
        }),
        steps: live(
            `${path}/steps`,
            {
                order: "number",
                field: [
                    "stepid",
                    "number",
                    "name",
                    "started_at",
                    "locks_acquired_at",
                    "complete",
                    "complete_at",
                    "results",
                    "state_string",
                    "urls",
                    "hidden",
                ],
                expand: "logs",
                "logs.limit": 100,
                "logs.field": ["logid", "name", "slug", "stepid", "num_lines", "type"],
            },
            // What tells of a log does not say of which build it is; new ones are few, and short.
            { embed: { logs: { topic: "logs/*/new", parent: "stepid" } } },
        ),
        tails: live(`${path}/log_tails`, { lines: TAIL }, { topic: false }),
        tests: live(`${path}/test_result_sets`, {
            limit: 40,
            expand: "failures",
            "failures.limit": MOST_FINDINGS,
        }),
        // It is known when the build begins, and does not change any more.
        changes: live(`${path}/changes`, { limit: MOST_CHANGES }, { topic: false }),
        triggered: live(
            `${path}/triggered_builds`,
            { expand: "builder", "builder.field": ["builderid", "name"], limit: 200 },
            { topic: false },
        ),
        previous: live(builds, { number__lt: number, order: "-number", limit: 1, field: NEIGHBOUR }, { topic: false }),
        next: live(builds, { number__gt: number, order: "number", limit: 1, field: NEIGHBOUR }),
        good: live(
            builds,
            {
                number__lt: number,
                results: [0, 1],
                order: "-number",
                limit: 1,
                field: ["buildid", "number", "complete_at"],
            },
            { topic: false },
        ),
    };
}

/** Builds that were asked for by a build that runs: these go on. */
export function subBuilds(requests: readonly number[]) {
    return live("builds", {
        buildrequestid: requests,
        expand: "builder",
        "builder.field": ["builderid", "name"],
        limit: 200,
    });
}

type Queries = ReturnType<typeof queriesOf>;
type Row<Name extends keyof Queries> = Queries[Name] extends LiveQuery<infer Found> ? Found : never;
export type BuildRow = Row<"build">;
export type StepRow = Row<"steps">;
export type LogRow = StepRow["logs"][number];
export type TailRow = Row<"tails">;
export type TestSetRow = Row<"tests">;
// The document has two schemas of the name Change, of which rows have the other one.
export type ChangeRow = Readonly<Required<ChangePart>>;
export type SubBuildRow = Row<"triggered">;
export type NeighbourRow = Row<"next">;
