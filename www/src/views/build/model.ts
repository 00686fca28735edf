/** What the rows of the API mean for the page of a build. Pure. */
import { isBad, statusOf, type Status } from "../../base/results";
import type { BuildRow, ChangeRow, LogRow, StepRow, SubBuildRow, TestSetRow } from "./queries";

export interface SubBuild {
    readonly id: number;
    readonly requestid: number;
    readonly builder: string;
    readonly href: string;
    readonly number: number;
    readonly status: Status;
    readonly text: string;
    readonly start: number;
    /** Undefined while it runs. */
    readonly end: number | undefined;
}

export interface Step {
    readonly id: number;
    readonly number: number;
    readonly name: string;
    readonly status: Status;
    readonly text: string;
    /** Undefined until it starts. */
    readonly start: number | undefined;
    readonly end: number | undefined;
    /** Seconds that it waited for locks. */
    readonly waited: number;
    readonly hidden: boolean;
    readonly logs: readonly LogRow[];
    readonly links: readonly Link[];
    /** The builds that it asked for. */
    readonly subs: readonly SubBuild[];
    /** Numbers of requests for builds that have not started. */
    readonly waiting: readonly number[];
}

/** By its number, or by its name, as the API takes it. */
export function isNamed({ number, name }: Pick<Step, "number" | "name">, named: string): boolean {
    return /^[0-9]+$/.test(named) ? number === Number(named) : name === named;
}

export interface Link {
    readonly name: string;
    /** Undefined for an address that is none of the web. */
    readonly href: string | undefined;
}

export function buildHref(builderid: number, number: number): string {
    return `builders/${builderid}/builds/${number}`;
}

export function logHref(build: { builderid: number; number: number }, step: number, log: { slug: string }): string {
    return `${buildHref(build.builderid, build.number)}/steps/${step}/logs/${encodeURIComponent(log.slug)}`;
}

/** Of a build whose builder is embedded, which its type does not say where it is embedded itself. */
export function builderName(build: {
    readonly builderid: number;
    readonly builder?: { readonly name?: string } | null;
}) {
    return build.builder?.name ?? `builder ${build.builderid}`;
}

/** It has no end because its master has gone. */
export function isLost({ complete, master }: Pick<BuildRow, "complete" | "master">): boolean {
    return !complete && master?.active === false;
}

export function subBuildOf(row: SubBuildRow): SubBuild {
    return {
        id: row.buildid,
        requestid: row.buildrequestid,
        builder: builderName(row),
        href: buildHref(row.builderid, row.number),
        number: row.number,
        status: statusOf(row.results),
        text: row.state_string,
        start: row.started_at,
        end: row.complete_at ?? undefined,
    };
}

/** The numbers of requests that steps name: what triggers builds does. */
export function requestsOf(rows: readonly Pick<StepRow, "urls">[]): number[] {
    const found = rows.flatMap(({ urls }) => urls.map(({ url }) => requestOf(url)));
    return [...new Set(found.filter((id) => id !== undefined))].sort((a, b) => a - b);
}

function requestOf(url: string): number | undefined {
    const found = /#\/buildrequests\/(\d{1,15})$/.exec(url);
    return found ? Number(found[1]) : undefined;
}

/** Steps with the builds that they asked for; `rest` are those of which no step says so. */
export function stepsOf(rows: readonly StepRow[], subs: readonly SubBuild[]): { steps: Step[]; rest: SubBuild[] } {
    const rest = new Set(subs);
    const steps = rows.map((row) => {
        const requests = requestsOf([row]);
        const mine = subs.filter((sub) => rest.has(sub) && requests.includes(sub.requestid));
        for (const sub of mine) rest.delete(sub);
        const started = new Set(mine.map(({ requestid }) => requestid));
        return stepOf(row, mine, row.complete ? [] : requests.filter((id) => !started.has(id)));
    });
    return { steps, rest: [...rest] };
}

function stepOf(row: StepRow, subs: readonly SubBuild[], waiting: readonly number[]): Step {
    const start = row.started_at ?? undefined;
    return {
        id: row.stepid,
        number: row.number,
        name: row.name,
        status: statusOf(row.results, start !== undefined),
        text: row.state_string,
        start,
        end: row.complete_at ?? undefined,
        waited: start === undefined ? 0 : Math.max(0, (row.locks_acquired_at ?? start) - start),
        hidden: row.hidden,
        logs: row.logs,
        links: row.urls.filter(({ url }) => requestOf(url) === undefined).map(linkOf),
        subs,
        waiting,
    };
}

function linkOf({ name, url }: { readonly name: string; readonly url: string }): Link {
    return { name: name || url, href: webAddress(url) };
}

/** An address that a link may have: nothing that runs. */
export function webAddress(url: string): string | undefined {
    const parsed = URL.parse(url, "https://relative.invalid/");
    return parsed && /^https?:$/.test(parsed.protocol) ? url : undefined;
}

/** Where it stands in the time of the whole, in parts of it from 0 to 1. Something short can still be seen. */
export function barOf(
    { start, end }: { readonly start: number | undefined; readonly end: number | undefined },
    whole: { readonly start: number; readonly end: number },
): { from: number; size: number } | undefined {
    if (start === undefined) return undefined;
    const length = Math.max(1, whole.end - whole.start);
    const [from, to] = [start, end ?? whole.end].map((at) => Math.min(1, Math.max(0, (at - whole.start) / length)));
    const size = Math.max(LEAST, Number(to) - Number(from));
    return { from: Math.min(Number(from), 1 - size), size };
}

const LEAST = 0.004;

export function failedSteps(steps: readonly Step[]): Step[] {
    return steps.filter(({ status }) => isBad(status));
}

/** Those whose ends are for people: the source of HTML is none, unless nothing else says what happened. */
export function tellingLogs<Log extends Pick<LogRow, "type" | "slug">>(
    logs: readonly Log[],
    tested: boolean,
): readonly Log[] {
    const plain = logs.filter(({ type }) => type !== "h");
    // What Buildbot itself says of an interruption says more than what was written until then.
    const first = plain.filter(({ slug }) => slug === "cancelled");
    const told = [...first, ...plain.filter((log) => !first.includes(log))];
    return told.length > 0 || tested ? told : logs;
}

/** Something that tests found amiss. */
export interface Finding {
    readonly id: number;
    readonly name: string;
    /** Where, or what, if it says so. */
    readonly detail: string;
    /** Its history; undefined where it has no name. */
    readonly href: string | undefined;
}

export interface Findings {
    readonly id: number;
    readonly title: string;
    /** Also those that are not listed. */
    readonly count: number;
    readonly passed: number | undefined;
    readonly found: readonly Finding[];
}

/** Of each set of results that has something amiss in it. */
export function findingsOf(sets: readonly TestSetRow[]): Findings[] {
    return sets.flatMap((set) => {
        const found = set.failures.map((result) => {
            const place = [result.test_code_path, result.line].filter((part) => part !== null && part !== "").join(":");
            const said = set.value_unit === "boolean" ? "" : result.value;
            const name = result.test_name ?? (place || said);
            return {
                id: result.test_resultid,
                name,
                detail: [place, said].filter((part) => part && part !== name).join(" "),
                href:
                    result.test_name === null
                        ? undefined
                        : `builders/${set.builderid}/tests?${new URLSearchParams({ test: name }).toString()}`,
            };
        });
        const count = Math.max(set.tests_failed ?? 0, found.length);
        if (count === 0) return [];
        const title = set.description ?? (set.category === "code_issue" ? "Issues" : "Tests");
        return [{ id: set.test_result_setid, title, count, passed: set.tests_passed ?? undefined, found }];
    });
}

export interface Commit {
    readonly id: number;
    readonly author: string;
    readonly address: string;
    readonly title: string;
    readonly rest: string;
    readonly revision: string;
    readonly href: string | undefined;
    readonly at: number;
    readonly files: readonly string[];
    readonly branch: string | null;
}

export function commitOf(row: ChangeRow): Commit {
    const [title = "", ...rest] = row.comments.split("\n");
    const named = /^\s*(.+?)\s*<([^>]*)>\s*$/.exec(row.author);
    return {
        id: row.changeid,
        author: named?.[1] ?? row.author,
        address: named?.[2] ?? "",
        title: title || "(no message)",
        rest: rest.join("\n").trim(),
        revision: row.revision ?? "",
        href: row.revlink ? webAddress(row.revlink) : undefined,
        at: row.when_timestamp,
        files: row.files,
        branch: row.branch,
    };
}

/** As people write it: texts as they are, others as JSON. */
export function valueText(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

/** Enough of a revision to tell it from others. */
export function shortRevision(revision: string): string {
    return /^[0-9a-f]{40,64}$/.test(revision) ? revision.slice(0, 10) : revision;
}
