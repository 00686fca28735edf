/** What the pages of changes ask for. */
import type { components } from "../../api/generated";
import { live, type LiveQuery } from "../../api/live";

const FIELDS = [
    "changeid",
    "author",
    "comments",
    "when_timestamp",
    "branch",
    "revision",
    "revlink",
    "repository",
    "project",
    "codebase",
] as const;

const builders = live("builders", { field: ["builderid", "name"], order: "name" });

export const ALL = {
    changes: live("changes", { order: "-changeid", limit: 50, field: [...FIELDS, "sourcestamp"] }, { endless: true }),
    // Found by their source stamps: so their own events keep them right.
    builds: live(
        "builds",
        {
            order: "-buildid",
            limit: 1000,
            field: ["buildid", "number", "builderid", "started_at", "results"],
            expand: "sourcestamps",
            "sourcestamps.field": "ssid",
        },
        { endless: true },
    ),
    builders,
};

export function queriesOf(change: string) {
    return {
        change: live(
            `changes/${encodeURIComponent(change)}`,
            {
                field: [...FIELDS, "committer", "files", "category"],
                expand: "builds",
                "builds.order": "-buildid",
                "builds.limit": 1000,
                "builds.field": ["buildid", "number", "builderid", "results"],
            },
            // What its builds become is in no event of its own.
            { again: "builds/*/finished" },
        ),
        builders,
    };
}

type RowOfQuery<Q> = Q extends LiveQuery<infer Row> ? Row : never;
export type BuilderRow = RowOfQuery<typeof builders>;

type Part = components["schemas"]["ChangePart"];
export interface BuildRow {
    readonly buildid: number;
    readonly number: number;
    readonly builderid: number;
    readonly results: number | null;
}
/** The document has two schemas of the name Change, of which the types have the other one. */
export type ChangeRow = Readonly<Required<Pick<Part, (typeof FIELDS)[number]>>> &
    Readonly<Partial<Pick<Part, "committer" | "files" | "category">>> & {
        readonly sourcestamp?: { readonly ssid?: number } | null;
        readonly builds?: readonly BuildRow[];
    };
