/** What results of tests mean: which failed, passed, or are not known. Pure. */
import { codeOf, revisionsOf, type Built } from "../../base/code";
import { statusOf, type Status } from "../../base/results";
import { shortRevision } from "../../base/text";
import type { BuildRow, KnownRow, ResultRow, SetRow } from "./queries";

/**
 * `measured`: its result says neither that it passed nor that it failed. `unfailed`: it is not among those that failed, and whether it
 * was run is not known.
 */
export type Outcome = "failed" | "passed" | "measured" | "unfailed";

export type Failure = Omit<ResultRow, "test_result_setid">;

/** Of one result. */
export function outcomeOf(set: Pick<SetRow, "category" | "value_unit">, value: string): Outcome {
    switch (set.category) {
        case "pass_fail":
            return set.value_unit === "boolean" ? (value === "0" ? "failed" : "passed") : "measured";
        case "pass_only":
            return "passed";
        case "fail_only":
        case "code_issue":
            return "failed";
    }
    return "measured";
}

export const STATUS_OF: Readonly<Record<Outcome, Status>> = {
    failed: "failure",
    passed: "success",
    measured: "unknown",
    unfailed: "success",
};

/** What a thing is called that was tested or found fault with. */
export function nameOf(result: Pick<Failure, "test_name" | "test_code_path" | "value">): string {
    return result.test_name ?? result.test_code_path ?? result.value;
}

/** Where it is, if that is not its name. */
export function placeOf({ test_name, test_code_path, line }: Failure): string {
    if (test_code_path === null) return "";
    const at = line === null ? "" : `:${line}`;
    return test_name === null ? at.slice(1) && `line ${at.slice(1)}` : test_code_path + at;
}

/** Which of several sets it is. */
export function titleOf({ description, category }: Pick<SetRow, "description" | "category">): string {
    return description ?? (category === "code_issue" ? "Issues" : "Tests");
}

/** A value that says something besides whether it passed, with its unit. */
export function valueOf(set: Pick<SetRow, "value_unit"> | undefined, result: Failure): string {
    const unit = set?.value_unit ?? "";
    if (unit === "boolean" || result.value === nameOf(result)) return "";
    return ["", "message", "text"].includes(unit) ? result.value : `${result.value} ${unit}`;
}

interface Counted extends SetRow {
    readonly failures: readonly Failure[];
}

/** Rows do not say that a relation of a relation is in them. */
function setsOf(row: { readonly test_result_sets: readonly SetRow[] }): readonly Counted[] {
    return row.test_result_sets as readonly Counted[];
}

/** Its failures are not all in the answer. */
export function isCut({ tests_failed, failures }: { tests_failed: number | null; failures: readonly unknown[] }) {
    return (tests_failed ?? 0) > failures.length;
}

export interface Column {
    readonly build: number;
    readonly number: number;
    readonly status: Status;
    readonly at: number;
    /** Short, of all codebases. */
    readonly revision: string;
    readonly code: string | undefined;
    readonly sets: readonly Counted[];
}

/** Newest first; a build that is in several answers is as the first one says. */
export function columnsOf(rows: readonly BuildRow[]): Column[] {
    const columns = new Map<number, Column>();
    for (const row of rows) {
        if (columns.has(row.buildid)) continue;
        columns.set(row.buildid, {
            build: row.buildid,
            number: row.number,
            status: statusOf(row.results),
            at: row.started_at,
            revision: revisionText(row),
            code: codeOf(row),
            sets: setsOf(row),
        });
    }
    return [...columns.values()].sort((a, b) => b.number - a.number);
}

/** Empty where nothing is known of it. */
export function revisionText(build: Built): string {
    const known = revisionsOf(build).filter((revision) => revision !== null);
    return [...new Set(known)].map(shortRevision).join(" ");
}

export interface Row {
    readonly name: string;
    /** Of its name; the same one may have several ids. */
    readonly ids: readonly number[];
    /** How many failures, by the build. */
    readonly failed: ReadonlyMap<number, number>;
    /** Kinds of sets that it is in. */
    readonly kinds: ReadonlySet<string>;
}

interface Making extends Row {
    readonly ids: number[];
    readonly failed: Map<number, number>;
    readonly kinds: Set<string>;
}

export function kindOf({ category, description }: Pick<SetRow, "category" | "description">): string {
    return JSON.stringify([category, description]);
}

/** All that failed in some builds: what failed most recently first, then what failed most often. */
export function failing(columns: readonly Column[], category: string): Row[] {
    const rows = new Map<string, Making>();
    for (const { build, sets } of columns) {
        for (const set of sets) {
            if (category && set.category !== category) continue;
            for (const failure of set.failures) {
                const name = nameOf(failure);
                const row: Making = rows.get(name) ?? { name, ids: [], failed: new Map(), kinds: new Set() };
                rows.set(name, row);
                const id = failure.testid;
                if (typeof id === "number" && !row.ids.includes(id)) row.ids.push(id);
                row.failed.set(build, (row.failed.get(build) ?? 0) + 1);
                row.kinds.add(kindOf(set));
            }
        }
    }
    // They come in the order of the newest build that they failed in.
    const places = new Map(columns.map(({ build }, at) => [build, at]));
    const last = ({ failed }: Row) => places.get([...failed.keys()][0] ?? 0) ?? 0;
    return [...rows.values()].sort((a, b) => last(a) - last(b) || b.failed.size - a.failed.size);
}

/** All tests by name, with what is known of their failures. */
export function named(tests: readonly { readonly testid: number; readonly name: string }[], failed: readonly Row[]) {
    const known = new Map(failed.map((row) => [row.name, row]));
    const rows = new Map<string, Row>();
    for (const { testid, name } of tests) {
        const row = rows.get(name) ?? known.get(name);
        const ids: readonly number[] = row?.ids ?? [];
        rows.set(name, {
            name,
            ids: ids.includes(testid) ? ids : [...ids, testid],
            failed: row?.failed ?? new Map<number, number>(),
            kinds: row?.kinds ?? new Set(),
        });
    }
    return [...rows.values()];
}

/** What is known of results beside the failures. */
export interface Known {
    /** The value of a test in a set, of several the one that is best; null: it has none there; undefined: that is not known. */
    valueIn(ids: readonly number[], set: number): string | null | undefined;
}

export interface Asked {
    readonly tests: readonly number[];
    readonly sets: readonly [from: number, to: number];
    /** Undefined until it has come. */
    readonly rows: readonly KnownRow[] | undefined;
    /** So many results of one test at most. */
    readonly limit: number;
}

export function knownFrom(asked: readonly Asked[]): Known {
    const values = new Map<number, Map<number, string>>();
    // Ranges of sets in which all results of a test have come.
    const whole = new Map<number, (readonly [number, number])[]>();
    for (const { tests, sets, rows, limit } of asked) {
        if (!rows) continue;
        const found = new Map(rows.map((row) => [row.testid, row.results as readonly KnownResult[]]));
        for (const test of tests) {
            const results = found.get(test) ?? [];
            const known = values.get(test) ?? new Map<number, string>();
            values.set(test, known);
            for (const { test_result_setid: set, value } of results) {
                if (value !== "0" || !known.has(set)) known.set(set, value);
            }
            const from = results.length < limit ? sets[0] : (results.at(-1)?.test_result_setid ?? sets[1]) + 1;
            whole.set(test, [...(whole.get(test) ?? []), [from, sets[1]]]);
        }
    }
    const isWhole = (test: number, set: number) => whole.get(test)?.some(([from, to]) => from <= set && set <= to);
    return {
        valueIn(ids, set) {
            const found = ids.flatMap((id) => values.get(id)?.get(set) ?? []);
            const best = found.find((value) => value !== "0") ?? found[0];
            if (best !== undefined) return best;
            return ids.length > 0 && ids.every((id) => isWhole(id, set)) ? null : undefined;
        },
    };
}

interface KnownResult {
    readonly test_result_setid: number;
    readonly value: string;
}

/** What became of a test in a build, of several results the most telling; undefined: it has none there, or nothing is known. */
export function outcomeIn(row: Row, column: Column, known: Known): Outcome | undefined {
    if (row.failed.has(column.build)) return "failed";
    const found = new Set(column.sets.map((set) => outcomeInSet(row, set, known)));
    return (["failed", "passed", "measured", "unfailed"] as const).find((outcome) => found.has(outcome));
}

function outcomeInSet(row: Row, set: Counted, known: Known): Outcome | undefined {
    const value = known.valueIn(row.ids, set.test_result_setid);
    if (typeof value === "string") return outcomeOf(set, value);
    if (!set.complete || isCut(set) || !row.kinds.has(kindOf(set))) return undefined;
    // Who only tells of failures has looked, and found none.
    if (["fail_only", "code_issue"].includes(set.category)) return "passed";
    return value === undefined ? "unfailed" : undefined;
}

/** Whether it says how the code is. */
export function isTold({ outcome }: { readonly outcome: Outcome | undefined }): boolean {
    return outcome !== undefined && outcome !== "measured";
}

/** Changes from failed to not failed and back that may not be chance any more. */
export const OFTEN = 4;

/** Why it is called flaky, in words; undefined: it is not. Outcomes are the newest first. */
export function flakiness(
    runs: readonly { readonly code: string | undefined; readonly outcome: Outcome | undefined }[],
) {
    const told = runs.filter(isTold);
    const good = new Set(told.flatMap(({ code, outcome }) => (outcome === "passed" && code) || []));
    if (told.some(({ code, outcome }) => outcome === "failed" && code !== undefined && good.has(code))) {
        return "failed and passed with the same revision";
    }
    const turns = told.filter(
        ({ outcome }, at) => at > 0 && (outcome === "failed") !== (told[at - 1]?.outcome === "failed"),
    ).length;
    return turns >= OFTEN ? `went from failed to not failed and back, ${turns} turns` : undefined;
}

/** The present state of a test: the runs are the newest first, and only those with an outcome. */
export function streakOf<Run extends { readonly outcome: Outcome | undefined }>(runs: readonly Run[]) {
    const told = runs.filter(isTold);
    const failing = told[0]?.outcome === "failed";
    const end = told.findIndex(({ outcome }) => (outcome === "failed") !== failing);
    return {
        failing,
        /** The first of those that went as the newest did. */
        first: told[(end < 0 ? told.length : end) - 1],
        /** The one before it, which went otherwise; undefined: none is known. */
        before: end < 0 ? undefined : told[end],
        length: end < 0 ? told.length : end,
    };
}

const MICRO = 1e3;
const MILLI = 1e6;
const SECOND = 1e9;

/** How long a test took. */
export function testDuration(ns: number): string {
    if (ns < MICRO) return `${ns} ns`;
    if (ns < MILLI) return `${digits(ns / MICRO)} µs`;
    if (ns < SECOND) return `${digits(ns / MILLI)} ms`;
    return ns < 60 * SECOND
        ? `${digits(ns / SECOND)} s`
        : `${Math.floor(ns / (60 * SECOND))} min ${Math.round((ns / SECOND) % 60)} s`;
}

function digits(value: number): string {
    return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

export interface Compared {
    readonly set: SetRow & { readonly failures: readonly Failure[] };
    /** Names that fail, though they did not in the build before; undefined: that is not known. */
    readonly isNew: (name: string) => boolean | undefined;
    /** Names that failed there, and do not any more. */
    readonly fixed: readonly string[];
    /** The build that it is held against. */
    readonly against: number | undefined;
}

/** A set of a build held against the newest of the same kind in the builds before, which are the newest first. */
export function compared(
    set: Compared["set"],
    before: readonly { readonly number: number; readonly test_result_sets: readonly SetRow[] }[],
): Compared {
    for (const build of before) {
        const old = setsOf(build).find((each) => kindOf(each) === kindOf(set) && each.complete);
        if (!old) continue;
        const then = new Set(old.failures.map(nameOf));
        const now = new Set(set.failures.map(nameOf));
        return {
            set,
            isNew: (name) => (then.has(name) ? false : isCut(old) ? undefined : true),
            fixed: set.complete && !isCut(set) ? [...then].filter((name) => !now.has(name)) : [],
            against: build.number,
        };
    }
    return { set, isNew: () => undefined, fixed: [], against: undefined };
}
