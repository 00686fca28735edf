/** Steps that fail now and then, though nobody broke or mended them. */
import { isBad, statusOf, type Status } from "../../base/results";
import type { ComparedRow } from "./queries";

export interface FlakyStep {
    readonly name: string;
    /** How it went each time that it said something, oldest first. */
    readonly runs: readonly Run[];
    readonly failed: number;
    /** How often it failed and, at most so many builds later, went well again. */
    readonly recovered: number;
    /** Of how many revisions it both failed and went well. */
    readonly contradicted: number;
}

export interface Run {
    readonly number: number;
    readonly status: Status;
}

/** Failures in a row that may be chance; what is broken for longer was mended by somebody. */
export const CHANCE = 2;
/** So often it must have come back before it is called flaky, where no revision says so. */
export const OFTEN = 2;

/** The flakiest first. `builds` have the newest first. */
export function flakySteps(builds: readonly ComparedRow[]): FlakyStep[] {
    const runs = new Map<string, (Run & { revision: string | undefined })[]>();
    for (const { number, steps, sourcestamps } of [...builds].reverse()) {
        const revision = revisionOf(sourcestamps);
        for (const { name, results, hidden } of steps) {
            const status = statusOf(results);
            if (hidden || !(isBad(status) || isGood(status))) continue;
            const others = runs.get(name);
            const run = { number, status, revision };
            if (others) others.push(run);
            else runs.set(name, [run]);
        }
    }
    return [...runs]
        .map(([name, all]) => ({
            name,
            runs: all,
            failed: all.filter(({ status }) => isBad(status)).length,
            recovered: recoveries(all),
            contradicted: contradictions(all),
        }))
        .filter(({ recovered, contradicted }) => recovered >= OFTEN || contradicted > 0)
        .sort((a, b) => b.contradicted - a.contradicted || b.recovered - a.recovered || b.failed - a.failed);
}

function isGood(status: Status): boolean {
    return status === "success" || status === "warnings";
}

/** Undefined where it is not known what was built, such as the newest of a branch. */
function revisionOf(stamps: readonly { readonly revision: string | null }[]): string | undefined {
    const all = stamps.map(({ revision }) => revision);
    return all.length === 0 || all.includes(null) ? undefined : all.sort().join(" ");
}

function recoveries(runs: readonly Run[]): number {
    let found = 0;
    let inRow = 0;
    let wasGood = false;
    for (const { status } of runs) {
        if (isBad(status)) inRow += 1;
        else {
            if (wasGood && inRow > 0 && inRow <= CHANCE) found += 1;
            inRow = 0;
            wasGood = true;
        }
    }
    return found;
}

function contradictions(runs: readonly (Run & { revision: string | undefined })[]): number {
    const good = new Set<string>();
    const bad = new Set<string>();
    for (const { status, revision } of runs) if (revision !== undefined) (isBad(status) ? bad : good).add(revision);
    return [...bad].filter((revision) => good.has(revision)).length;
}
