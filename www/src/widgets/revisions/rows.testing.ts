/** Rows of the API for tests. */
import type { Rows } from "./model";
import type { BuildRow, ChangeRow, WaitingRow } from "./queries";

type Stamp = BuildRow["sourcestamps"][number];

export function stamp(ssid: number, revision: string | null, more: Partial<Stamp> = {}): Stamp {
    return { ssid, revision, branch: "main", codebase: "", ...more };
}

export function build(buildid: number, sourcestamps: readonly Stamp[], more: Partial<BuildRow> = {}): BuildRow {
    const at = buildid * 10;
    return {
        buildid,
        number: buildid,
        builderid: 1,
        masterid: 1,
        started_at: at,
        complete: true,
        complete_at: at + 5,
        results: 0,
        properties: {},
        sourcestamps,
        ...more,
    };
}

export function change(changeid: number, at: number, more: Partial<ChangeRow> = {}): ChangeRow {
    const revision = more.revision === undefined ? `r${changeid}` : more.revision;
    return {
        changeid,
        author: "Ada <ada@example.org>",
        comments: `Change ${changeid}\n\nMore of it.`,
        when_timestamp: at,
        branch: "main",
        revision,
        revlink: null,
        codebase: "",
        sourcestamp: { ssid: changeid, created_at: at },
        ...more,
    };
}

export function waiting(buildrequestid: number, sourcestamps: readonly Stamp[], submitted_at: number): WaitingRow {
    return { buildrequestid, builderid: 1, submitted_at, sourcestamps };
}

export function rows(some: Partial<Rows>): Rows {
    return {
        builds: [],
        moreBuilds: false,
        waiting: [],
        changes: [],
        moreChanges: false,
        masters: [{ masterid: 1, active: true }],
        ...some,
    };
}
