/** Steps that went both ways with the same code: no change has broken or mended them. */
import { codeOf } from "../../base/code";
import { isBad, statusOf, type Status } from "../../base/results";
import type { ComparedRow } from "./queries";

export interface FlakyStep {
    readonly name: string;
    /** How it went each time that it said something, oldest first. */
    readonly runs: readonly Run[];
    readonly failed: number;
    /** Of how many revisions it both failed and went well. */
    readonly contradicted: number;
    /** The last build in which it failed, of those of such revisions. */
    readonly last: number;
}

export interface Run {
    readonly number: number;
    readonly status: Status;
    /** What was built; undefined where it is not known. */
    readonly code: string | undefined;
}

/** The flakiest first. `builds` have the newest first. */
export function flakySteps(builds: readonly ComparedRow[]): FlakyStep[] {
    const runs = new Map<string, Run[]>();
    for (const build of [...builds].reverse()) {
        const code = codeOf(build);
        for (const { name, results, hidden } of build.steps) {
            const status = statusOf(results);
            if (hidden || !(isBad(status) || isGood(status))) continue;
            const others = runs.get(name);
            const run = { number: build.number, status, code };
            if (others) others.push(run);
            else runs.set(name, [run]);
        }
    }
    return [...runs]
        .flatMap(([name, all]) => flakyOf(name, all) ?? [])
        .sort((a, b) => b.contradicted - a.contradicted || b.failed - a.failed);
}

function flakyOf(name: string, runs: readonly Run[]): FlakyStep | undefined {
    const failures = runs.filter(({ status }) => isBad(status));
    const good = new Set(runs.flatMap(({ status, code }) => (isGood(status) && code) || []));
    const contradicted = failures.filter(({ code }) => code !== undefined && good.has(code));
    const last = contradicted.at(-1);
    if (!last) return undefined;
    const revisions = new Set(contradicted.map(({ code }) => code));
    return { name, runs, failed: failures.length, contradicted: revisions.size, last: last.number };
}

function isGood(status: Status): boolean {
    return status === "success" || status === "warnings";
}
