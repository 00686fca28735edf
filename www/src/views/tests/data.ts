/** What the table of tests and builds is made of, of as many answers as it takes. */
import { useMemo } from "preact/hooks";
import type { LiveList } from "../../api/list";
import { useLive } from "../../widgets/live";
import { columnsOf as columnsFrom, knownFrom, type Asked, type Column, type Known, type Row } from "./model";
import { BLOCK, columnsOf, FAILURES, KNOWN, knownOf, TESTS, type BuildRow } from "./queries";
import { isTooLarge } from "./parts";

/** Of the rows that come first it is asked whether they passed; those who have more look at one. */
const MOST_ASKED = 200;

/** The newest builds, and blocks of those before them down to the lowest that is wanted. */
export function useColumns(builder: string, lowest: number | undefined) {
    const newest = useBlocks(builder, [undefined]);
    const numbers = newest[0]?.list.rows.value.map(({ number }) => number) ?? [];
    const oldest = Math.min(...numbers);
    const next = numbers.length < BLOCK || oldest <= 1 ? undefined : blockOf(oldest - 1);
    const older = useBlocks(builder, lowest === undefined || next === undefined ? [] : downTo(next, lowest));
    const blocks = [...newest, ...older];
    const below = lowest === undefined || next === undefined ? next : Math.min(next, lowest - 1);
    return { blocks, next: below !== undefined && below >= 0 ? below : undefined };
}

interface Block {
    readonly block: number | undefined;
    readonly list: LiveList<BuildRow>;
}

/** Where an answer would be too large, it is asked for less of each build. */
function useBlocks(builder: string, blocks: readonly (number | undefined)[]): Block[] {
    const usual = useLive(queriesOf(builder, blocks, FAILURES.usual));
    const crowded = blocks.filter((block) => isTooLarge(usual[nameOf(block)]?.error.value));
    const fewer = useLive(queriesOf(builder, crowded, FAILURES.crowded));
    return blocks.flatMap((block) => {
        const list = fewer[nameOf(block)] ?? usual[nameOf(block)];
        return list ? [{ block, list }] : [];
    });
}

function queriesOf(builder: string, blocks: readonly (number | undefined)[], most: number) {
    return Object.fromEntries(blocks.map((block) => [nameOf(block), columnsOf(builder, block, most)]));
}

function nameOf(block: number | undefined): string {
    return `block ${block ?? "newest"}`;
}

function blockOf(number: number): number {
    return Math.floor(number / BLOCK);
}

function downTo(first: number, lowest: number): number[] {
    return Array.from({ length: Math.max(0, first - lowest + 1) }, (_, index) => first - index);
}

export function useKnown(builder: string, blocks: readonly Block[], rows: readonly Row[]): Known {
    const ids = [...new Set(rows.slice(0, MOST_ASKED).flatMap((row) => row.ids))].sort((a, b) => a - b);
    const chunks = Array.from({ length: Math.ceil(ids.length / TESTS) }, (_, at) =>
        ids.slice(at * TESTS, (at + 1) * TESTS),
    );
    const wanted = blocks.flatMap(({ block, list }) => {
        const sets = list.rows.value.flatMap((row) => row.test_result_sets.map((set) => set.test_result_setid));
        if (sets.length === 0) return [];
        const range = [Math.min(...sets), Math.max(...sets)] as const;
        return chunks.map((tests, at) => ({
            name: `${nameOf(block)}, ${at}`,
            tests,
            sets: range,
            query: knownOf(builder, tests, range, block === undefined),
        }));
    });
    const lists = useLive(Object.fromEntries(wanted.map(({ name, query }) => [name, query])));
    const asked = wanted.map(({ name, tests, sets }): Asked => {
        const list = lists[name];
        return { tests, sets, limit: KNOWN, rows: list?.state.value === "ready" ? list.rows.value : undefined };
    });
    // Answers stay the same objects for as long as they say the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- as many as there are, which may change
    return useMemo(() => knownFrom(asked), [asked.length, ...asked.map(({ rows }) => rows), ids.join()]);
}

export function useAllColumns(blocks: readonly Block[]): readonly Column[] {
    const rows = blocks.map(({ list }) => list.rows.value);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- as many as there are, which may change
    return useMemo(() => columnsFrom(rows.flat()), [rows.length, ...rows]);
}
