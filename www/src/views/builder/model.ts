/** The builder's rows of the API, as the page shows them. */
import { isBad, statusOf, type Status } from "../../base/results";
import { firstLine, personOf, shortRevision } from "../../base/text";
import type { BuilderRow, HistoryRow, RunningRow, WorkerRow } from "./queries";

export interface Suspect {
    readonly id: number;
    readonly person: string;
    readonly title: string;
}

interface ChangeRow {
    readonly changeid: number;
    readonly author: string;
    readonly comments: string;
}

/** Relations of relations are not in the types of rows. */
function changesOf(row: object): readonly ChangeRow[] {
    return (row as { readonly changes?: readonly ChangeRow[] }).changes ?? [];
}

/** Those changes that what failed first was the first to hold. */
export function suspectsOf({ first_failed_build: first }: BuilderRow): readonly Suspect[] {
    return (first ? changesOf(first) : []).map(suspectOf);
}

function suspectOf({ changeid: id, author, comments }: ChangeRow): Suspect {
    return { id, person: personOf(author), title: firstLine(comments) };
}

/** Broken, as it is since its first failure, or as its last build was; undefined: it never was built. */
export function statusOfBuilder({
    first_failed_build: first,
    last_finished_build: last,
}: BuilderRow): Status | undefined {
    const status = last ? statusOf(last.results) : undefined;
    return first && !(status && isBad(status)) ? "failure" : status;
}

export interface HistoryLine {
    readonly id: number;
    readonly number: number;
    readonly status: Status;
    /** Its master died before it ended. */
    readonly lost: boolean;
    readonly text: string;
    readonly from: number;
    readonly to: number | null;
    readonly worker: string | undefined;
    readonly sources: readonly Source[];
    /** The newest change that it held. */
    readonly change: Suspect | undefined;
}

export interface Source {
    /** Empty: the default branch, or the newest of it. */
    readonly branch: string;
    readonly revision: string;
}

export function historyLine(row: HistoryRow, alive: ReadonlySet<number>): HistoryLine {
    const lost = !row.complete && !alive.has(row.masterid);
    const changes = row.sourcestamps.flatMap(changesOf).sort((a, b) => b.changeid - a.changeid);
    return {
        id: row.buildid,
        number: row.number,
        status: lost ? "exception" : statusOf(row.results),
        lost,
        text: lost ? "It never ended: its master is gone." : row.state_string,
        from: row.started_at,
        to: row.complete_at,
        worker: row.worker?.name,
        sources: sourcesOf(row.sourcestamps),
        change: changes[0] && suspectOf(changes[0]),
    };
}

export function sourcesOf(
    stamps: readonly { readonly branch: string | null; readonly revision: string | null }[],
): readonly Source[] {
    return stamps.map(({ branch, revision }) => ({ branch: branch ?? "", revision: shortRevision(revision ?? "") }));
}

export interface Running {
    readonly id: number;
    readonly number: number;
    readonly from: number;
    readonly to: number | null | undefined;
    readonly worker: string | undefined;
    readonly step: string;
    readonly done: number;
    readonly steps: number;
}

/** What runs, the oldest first; what a master was at when it died does not. */
export function runningOf(rows: readonly RunningRow[], alive: ReadonlySet<number>): readonly Running[] {
    return rows
        .filter(({ complete, masterid }) => !complete && alive.has(masterid))
        .map((row) => {
            const steps = row.steps.filter(({ hidden }) => !hidden);
            const current = steps.find((step) => !step.complete && step.started_at !== null);
            return {
                id: row.buildid,
                number: row.number,
                from: row.started_at,
                to: row.eta,
                worker: row.worker?.name,
                step: current?.name ?? row.state_string,
                done: steps.filter(({ complete }) => complete).length,
                steps: steps.length,
            };
        })
        .reverse();
}

/** What keeps a worker from building; undefined: nothing does. */
export function hindrance({ connected_to, paused, pause_reason, graceful }: WorkerRow): string | undefined {
    if (connected_to.length === 0) return "not connected";
    if (paused) return pause_reason ? `paused: ${pause_reason}` : "paused";
    return graceful ? "shuts down when it is idle" : undefined;
}
