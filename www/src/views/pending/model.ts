/** The queues of builders, from the rows of the API. */
import { grouped } from "../../base/grouped";
import { shortRevision } from "../../base/text";
import type { MasterRow, RequestRow, RunningRow } from "./queries";

export interface Queue {
    readonly id: number;
    readonly name: string;
    readonly tags: readonly string[];
    /** In the order in which they will be built. */
    readonly requests: readonly Request[];
    readonly oldest: number;
    /** No worker is connected that could build it. */
    readonly offline: boolean;
    /** What is built meanwhile. */
    readonly running: readonly RunningRow[];
}

export interface Request {
    readonly id: number;
    readonly position: number;
    readonly since: number;
    readonly priority: number;
    readonly reason: string;
    readonly source: string;
}

/** What waits longest comes first. */
export function queuesOf(
    requests: readonly RequestRow[],
    running: readonly RunningRow[],
    offline: readonly { readonly builderid: number }[],
    masters: readonly MasterRow[],
): readonly Queue[] {
    const alive = new Set(masters.filter(({ active }) => active).map(({ masterid }) => masterid));
    const away = new Set(offline.map(({ builderid }) => builderid));
    const present = grouped(
        running.filter(({ complete, masterid }) => !complete && alive.has(masterid)),
        ({ builderid }) => builderid,
    );
    return [...grouped(requests, ({ builderid }) => builderid)]
        .map(([id, rows]) => ({
            id,
            name: rows[0]?.builder?.name ?? `builder ${id}`,
            tags: rows[0]?.builder?.tags ?? [],
            requests: rows.map(requestOf),
            oldest: Math.min(...rows.map(({ submitted_at }) => submitted_at)),
            offline: away.has(id),
            running: present.get(id) ?? [],
        }))
        .sort((a, b) => a.oldest - b.oldest);
}

function requestOf({ buildrequestid: id, submitted_at: since, priority, ...row }: RequestRow, index: number): Request {
    const sources = row.sourcestamps.map(({ branch, revision }) =>
        [branch ?? "default branch", shortRevision(revision ?? "")].filter(Boolean).join(" "),
    );
    return {
        id,
        position: index + 1,
        since,
        priority,
        reason: row.buildset?.reason ?? "",
        source: sources.join(", "),
    };
}
