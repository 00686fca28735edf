/** What the pages of test results ask for. Nothing is told of a result by itself: where a set is complete, it is asked for anew. */
import { live, type LiveQuery } from "../../api/live";

/** Builds that come at once: those of a block have numbers that follow each other, so that what is loaded has no gaps. */
export const BLOCK = 30;
/** Failures of a set that a table shows; fewer where an answer would be too large for the server. */
export const FAILURES = { usual: 40, crowded: 9 } as const;
/** Sets of a build. */
const SETS = 10;
/** Tests of which it is asked at once whether they passed. */
export const TESTS = 50;
/** Runs of one test that are asked for at once, and at most. */
export const RUNS = { step: 150, most: 900 } as const;
/** Of one build: failures of a set, and results of the list of all. */
export const FAILED = 200;
const ALL = 100;

const SET = [
    "test_result_setid",
    "buildid",
    "description",
    "category",
    "value_unit",
    "tests_passed",
    "tests_failed",
    "complete",
] as const;
const RESULT = ["test_resultid", "testid", "test_name", "test_code_path", "line", "duration_ns", "value"] as const;
const NEWEST = ["-test_result_setid", "-test_resultid"] as const;

export function rootOf(builder: string) {
    return `builders/${encodeURIComponent(builder)}` as "builders/1";
}

export function builderOf(builder: string) {
    return live(rootOf(builder), { field: ["builderid", "name"] });
}

/** The newest builds, or those of a block, with what failed in them. */
export function columnsOf(builder: string, block: number | undefined, most: number) {
    const root = rootOf(builder);
    return live(
        `${root}/builds`,
        {
            order: "-number",
            limit: BLOCK,
            ...(block === undefined ? {} : { number__ge: block * BLOCK, number__lt: (block + 1) * BLOCK }),
            field: ["buildid", "number", "results", "complete", "started_at", "properties"],
            property: "got_revision",
            expand: ["sourcestamps", "test_result_sets", "test_result_sets.failures"],
            "sourcestamps.field": ["ssid", "revision", "codebase"],
            "sourcestamps.limit": 4,
            "test_result_sets.limit": SETS,
            "test_result_sets.field": SET,
            "test_result_sets.failures.limit": most,
            "test_result_sets.failures.field": RESULT,
        },
        block === undefined ? { again: `${root}/test_result_sets/*/completed` } : { topic: false },
    );
}

/** Results of some tests in the sets with these and the ids between them. */
export function knownOf(builder: string, tests: readonly number[], sets: readonly [number, number], isNewest: boolean) {
    return live(
        "tests",
        {
            testid: tests,
            field: "testid",
            limit: TESTS,
            expand: "results",
            "results.test_result_setid__ge": sets[0],
            "results.test_result_setid__le": sets[1],
            "results.order": NEWEST,
            "results.limit": KNOWN,
            "results.field": ["test_resultid", "test_result_setid", "value"],
        },
        { topic: false, ...(isNewest ? { again: `${rootOf(builder)}/test_result_sets/*/completed` } : {}) },
    );
}

/** Results of each of these. */
export const KNOWN = 90;

/** All tests that there ever were, by name. */
export function namesOf(builder: string, text: string) {
    const root = rootOf(builder);
    return live(
        `${root}/tests`,
        { order: "name", limit: TESTS, field: ["testid", "name"], ...(text ? { name__contains: text } : {}) },
        { topic: false, again: `${root}/test_result_sets/*/completed` },
    );
}

/** One test, in all builds. */
export function runsOf(builder: string, name: string, limit: number) {
    const root = rootOf(builder);
    return live(
        `${root}/tests`,
        {
            name,
            field: ["testid", "name"],
            limit: 5,
            expand: [
                "results",
                "results.test_result_set",
                "results.test_result_set.build",
                "results.test_result_set.build.sourcestamps",
            ],
            "results.order": NEWEST,
            "results.limit": limit,
            "results.field": RESULT,
            "results.test_result_set.field": SET,
            "results.test_result_set.build.field": ["buildid", "number", "started_at", "properties"],
            "results.test_result_set.build.property": "got_revision",
            "results.test_result_set.build.sourcestamps.limit": 2,
            "results.test_result_set.build.sourcestamps.field": ["ssid", "revision", "codebase"],
        },
        { topic: false, again: `${root}/test_result_sets/*/completed` },
    );
}

export interface Chosen {
    readonly text: string;
    readonly sort: string;
    /** The id of a set; empty: all. */
    readonly set: string;
    readonly only: string;
}

const SORTS: Readonly<Record<string, string>> = { name: "test_name", duration: "-duration_ns" };

/** One build: its sets with what failed, those of builds before it, and all results. */
export function buildOf(builder: string, number: number, { text, sort, set, only }: Chosen) {
    const builds = `${rootOf(builder)}/builds` as "builders/1/builds";
    const path = `${builds}/${number}` as "builders/1/builds/1";
    const again = `${path}/test_result_sets/*/*`;
    const sets = {
        "test_result_sets.limit": SETS,
        "test_result_sets.field": SET,
        "test_result_sets.failures.limit": FAILED,
        "test_result_sets.failures.field": RESULT,
    } as const;
    const list = set
        ? (`test_result_sets/${Number(set)}/${only === "failed" ? "failures" : "results"}` as "test_result_sets/1/results")
        : (`${path}/test_results` as "builds/1/test_results");
    return {
        build: live(path, {
            field: [
                "buildid",
                "number",
                "builderid",
                "results",
                "state_string",
                "started_at",
                "complete_at",
                "complete",
            ],
            expand: "builder",
            "builder.field": ["builderid", "name"],
        }),
        sets: live(
            `${path}/test_result_sets`,
            {
                limit: 20,
                field: SET,
                expand: ["failures", "step"],
                "failures.limit": FAILED,
                "failures.field": RESULT,
                "step.field": ["number", "name"],
            },
            { topic: false, again },
        ),
        before: live(
            builds,
            {
                number__lt: number,
                order: "-number",
                limit: 2,
                field: ["buildid", "number"],
                expand: ["test_result_sets", "test_result_sets.failures"],
                ...sets,
            },
            { topic: false },
        ),
        all: live(
            list,
            {
                limit: ALL,
                field: [...RESULT, "test_result_setid"],
                ...(SORTS[sort] ? { order: SORTS[sort] } : {}),
                ...(text ? { test_name__contains: text } : {}),
            },
            { topic: false, again },
        ),
    };
}

type RowOf<Query> = Query extends LiveQuery<infer Row> ? Row : never;
export type BuildRow = RowOf<ReturnType<typeof columnsOf>>;
export type SetRow = BuildRow["test_result_sets"][number];
export type KnownRow = RowOf<ReturnType<typeof knownOf>>;
export type RunsRow = RowOf<ReturnType<typeof runsOf>>;
type OfBuild = ReturnType<typeof buildOf>;
export type OneBuildRow = RowOf<OfBuild["build"]>;
export type OneSetRow = RowOf<OfBuild["sets"]>;
export type BeforeRow = RowOf<OfBuild["before"]>;
export type ResultRow = RowOf<OfBuild["all"]>;
