/** Tests down, builds across: which failed in which build. */
import { useMemo, useState } from "preact/hooks";
import { oneOf } from "../../base/queryState";
import { counted } from "../../base/text";
import { clockTime, minute } from "../../base/time";
import { FilterBar } from "../../widgets/filters";
import { PageHead } from "../../widgets/head";
import { useLive } from "../../widgets/live";
import { ResultMark } from "../../widgets/marks";
import { Matrix, sizes, type Cell, type Line } from "../../widgets/matrix/matrix";
import { Empty, Skeleton } from "../../widgets/problem";
import { useQueryState } from "../../widgets/query";
import { useAllColumns, useColumns, useKnown } from "./data";
import {
    failing,
    flakiness,
    isCut,
    isTold,
    named,
    outcomeIn,
    STATUS_OF,
    type Column,
    type Outcome,
    type Row,
} from "./model";
import { buildHref, inBuildHref, NoTests, testsHref, Trouble } from "./parts";
import { builderOf, namesOf } from "./queries";

const SORTS = {
    recent: "Failed last first",
    often: "Failed most often first",
    flaky: "Flaky first",
    name: "By name",
} as const;
type Sort = keyof typeof SORTS;
const CHOICES = {
    text: "",
    category: "",
    show: oneOf("failing", "all"),
    sort: oneOf(...(Object.keys(SORTS) as [Sort, ...Sort[]])),
} as const;

export function History({ builder }: { builder: string }) {
    const [choice, choose] = useQueryState(CHOICES);
    const isAll = choice.show === "all";
    const [lowest, setLowest] = useState<number>();
    const lists = useLive({ builder: builderOf(builder) });
    const { blocks, next } = useColumns(builder, lowest);
    const { all } = useLive(isAll ? { all: namesOf(builder, choice.text) } : {}) as Partial<
        ReturnType<typeof useLive<{ all: ReturnType<typeof namesOf> }>>
    >;
    const columns = useAllColumns(blocks);
    const failed = useMemo(() => failing(columns, choice.category), [columns, choice.category]);
    const names = all?.rows.value;
    const rows = useMemo(
        () => (names ? named(names, failed) : failed.filter(({ name }) => name.includes(choice.text))),
        [names, failed, choice.text],
    );
    const known = useKnown(builder, blocks, rows);
    const table = useMemo(() => {
        const made = rows.map((row) => tableRow(row, columns, (column) => outcomeIn(row, column, known)));
        return isAll ? made : sorted(made, choice.sort);
    }, [rows, columns, known, isAll, choice.sort]);

    const [row] = lists.builder.rows.value;
    const [newest] = blocks;
    const error = lists.builder.error.value ?? newest?.list.error.value;
    const title = row ? `Tests of ${row.name}` : "Tests";
    if (!row || newest?.list.state.value !== "ready") {
        return (
            <>
                <PageHead title={title} />
                {error ? <Trouble error={error} builder={builder} /> : <Skeleton lines={10} />}
            </>
        );
    }
    const id = row.builderid;
    const categories = [...new Set(columns.flatMap(({ sets }) => sets.map(({ category }) => category)))].sort();
    const hasSets = categories.length > 0;
    const cut = columns.find(({ sets }) => sets.some(isCut));
    const loadOlder = () => next !== undefined && setLowest(next);
    const isLoading = blocks.some(({ list }) => list.state.value === "loading");
    return (
        <div class="tests-history fills">
            <PageHead title={title}>
                <a class="button" href={`builders/${id}`}>
                    The builder
                </a>
            </PageHead>
            {!hasSets && !isAll ? (
                <NoTests what="builder" />
            ) : (
                <>
                    <div class="tests-bar">
                        <FilterBar
                            filter={{ text: choice.text }}
                            set={({ text = "" }) => choose({ text })}
                            placeholder="Filter by name"
                        >
                            {counted(table.length, "test")} · {counted(columns.length, "build")}
                        </FilterBar>
                        <div class="choices" role="group" aria-label="Which tests">
                            <button
                                type="button"
                                class="button"
                                aria-pressed={!isAll}
                                onClick={() => choose({ show: "failing" })}
                            >
                                That failed
                            </button>
                            <button
                                type="button"
                                class="button"
                                aria-pressed={isAll}
                                onClick={() => choose({ show: "all" })}
                            >
                                All
                            </button>
                        </div>
                        {!isAll && (
                            <select
                                aria-label="Order"
                                value={choice.sort}
                                onChange={(event) => choose({ sort: event.currentTarget.value as Sort })}
                            >
                                {Object.entries(SORTS).map(([sort, words]) => (
                                    <option key={sort} value={sort}>
                                        {words}
                                    </option>
                                ))}
                            </select>
                        )}
                        {!isAll && (categories.length > 1 || choice.category) && (
                            <select
                                aria-label="Kind of results"
                                value={choice.category}
                                onChange={(event) => choose({ category: event.currentTarget.value })}
                            >
                                <option value="">All kinds</option>
                                {[...new Set([...categories, choice.category])].filter(Boolean).map((category) => (
                                    <option key={category} value={category}>
                                        {category}
                                    </option>
                                ))}
                            </select>
                        )}
                        {next !== undefined && (
                            <button type="button" class="button" disabled={isLoading} onClick={loadOlder}>
                                {isLoading ? "Loading…" : "Older builds"}
                            </button>
                        )}
                    </div>
                    {table.length > 0 ? (
                        <Table
                            id={id}
                            table={table}
                            columns={columns}
                            onEnd={(axis) =>
                                axis === "columns" ? loadOlder() : void all?.loadMore().catch(() => undefined)
                            }
                        />
                    ) : all?.state.value === "loading" ? (
                        <Skeleton lines={6} />
                    ) : (
                        <Empty
                            title={
                                choice.text
                                    ? "No test is called so"
                                    : isAll
                                      ? "There are no tests"
                                      : "No test failed in these builds"
                            }
                        >
                            {choice.text &&
                                (isAll
                                    ? "Capital letters are told from small ones."
                                    : "None of those that failed is: choose All to look among all tests.")}
                            {!choice.text && !isAll && "Choose All for those that did not, or look at older builds."}
                            {(choice.text || (choice.category && !isAll)) && (
                                <p>
                                    <button
                                        type="button"
                                        class="button"
                                        onClick={() => choose({ text: "", category: "" })}
                                    >
                                        Show all
                                    </button>
                                </p>
                            )}
                        </Empty>
                    )}
                    <Legend
                        cut={cut && { id, number: cut.number }}
                        measured={table.some(({ outcomes }) => outcomes.includes("measured"))}
                    />
                </>
            )}
        </div>
    );
}

interface TableRow {
    readonly row: Row;
    readonly outcomes: readonly (Outcome | undefined)[];
    readonly failed: number;
    readonly told: number;
    readonly flaky: string | undefined;
}

function tableRow(row: Row, columns: readonly Column[], outcome: (column: Column) => Outcome | undefined): TableRow {
    const outcomes = columns.map(outcome);
    return {
        row,
        outcomes,
        failed: outcomes.filter((each) => each === "failed").length,
        told: outcomes.filter((outcome) => isTold({ outcome })).length,
        flaky: flakiness(columns.map(({ code }, at) => ({ code, outcome: outcomes[at] }))),
    };
}

function sorted(rows: readonly TableRow[], sort: string): readonly TableRow[] {
    switch (sort) {
        case "often":
            return [...rows].sort((a, b) => b.failed - a.failed);
        case "flaky":
            return [...rows].sort((a, b) => Number(Boolean(b.flaky)) - Number(Boolean(a.flaky)));
        case "name":
            return [...rows].sort((a, b) => (a.row.name < b.row.name ? -1 : 1));
    }
    return rows;
}

const WORDS: Readonly<Record<Outcome, string>> = {
    failed: "failed",
    passed: "passed",
    measured: "was measured",
    unfailed: "did not fail, or was not run,",
};
/** Of a name, for those who listen to each cell. */
const NAMED = 120;
/** Of a name, in a head and for who points at it. */
const SHOWN = 500;
/** In pixels: of the head row, and of what a scroll bar takes. */
const TOP = 44;
const BAR = 18;

function Table({
    id,
    table,
    columns,
    onEnd,
}: {
    id: number;
    table: readonly TableRow[];
    columns: readonly Column[];
    onEnd: (axis: "rows" | "columns") => void;
}) {
    const [said, say] = useState("");
    const { cell: size, coarse } = sizes();
    const narrow = matchMedia("(max-width: 44rem)").matches;
    const heads = useMemo(
        (): Line[] =>
            columns.map(({ build, number, status, revision, at }) => ({
                key: String(build),
                size: Math.max(size, 12 + 7.5 * String(number).length),
                head: () => {
                    const words = `#${number}, ${status}${revision && `, ${revision}`}, ${clockTime(at, minute.peek())}`;
                    return (
                        <a class="build-head" href={buildHref(id, number)} title={words} aria-label={words}>
                            <ResultMark status={status} word={null} />
                            <span>{number}</span>
                        </a>
                    );
                },
            })),
        [columns, id, size],
    );
    const lines = useMemo(
        (): Line[] =>
            table.map(({ row, failed, told, flaky }) => ({
                key: row.name,
                size: coarse ? 48 : 40,
                head: () => <RowHead id={id} row={row} failed={failed} told={told} flaky={flaky} />,
            })),
        [table, id, coarse],
    );
    const cell = (at: number, column: number): Cell | undefined => {
        const [of, build] = [table[at], columns[column]];
        const outcome = of?.outcomes[column];
        if (!of || !build || !outcome) return undefined;
        const { name, failed } = of.row;
        const count = failed.get(build.build) ?? 1;
        return {
            status: STATUS_OF[outcome],
            href: inBuildHref(id, build.number, outcome === "unfailed" ? "" : name),
            name: `${name.slice(0, NAMED)} ${WORDS[outcome]} in #${build.number}${build.revision && ` (${build.revision})`}`,
            class: outcome,
            count: count > 1 ? count : undefined,
        };
    };
    const listen = ({ target }: Event) => {
        const label =
            target instanceof Element ? target.closest("a[aria-label]")?.getAttribute("aria-label") : undefined;
        if (label) say(label);
    };
    return (
        <>
            <div
                class="tests-table"
                style={{ maxBlockSize: `${TOP + BAR + lines.reduce((sum, { size: each }) => sum + each, 0)}px` }}
                onPointerOver={listen}
                onFocusCapture={listen}
            >
                <Matrix
                    label="Tests and builds"
                    rows={lines}
                    columns={heads}
                    cell={cell}
                    has={(at, column) => table[at]?.outcomes[column] !== undefined}
                    corner={<div class="corner-head">Newest builds first</div>}
                    aside={narrow ? 170 : 320}
                    top={TOP}
                    onEnd={onEnd}
                />
            </div>
            {/* Those who listen hear it where it is. */}
            <p class="readout quiet small" aria-hidden="true">
                <bdi>{said}</bdi>
            </p>
        </>
    );
}

function RowHead({
    id,
    row: { name, ids },
    failed,
    told,
    flaky,
}: {
    id: number;
    row: Row;
    failed: number;
    told: number;
    flaky: string | undefined;
}) {
    return (
        <div class="test-head">
            {ids.length > 0 ? (
                <a href={testsHref(id, { test: name })} title={name.slice(0, SHOWN)} data-line>
                    <bdi>{name.slice(0, SHOWN)}</bdi>
                </a>
            ) : (
                <span title={name.slice(0, SHOWN)}>
                    <bdi>{name.slice(0, SHOWN)}</bdi>
                </span>
            )}
            <span class="quiet">
                {flaky && (
                    <span class="tag" title={`It ${flaky}`}>
                        flaky
                    </span>
                )}{" "}
                {told > 0 && `${failed} of ${told} failed`}
            </span>
        </div>
    );
}

function Legend({ cut, measured }: { cut: { id: number; number: number } | undefined; measured: boolean }) {
    return (
        <p class="legend quiet small">
            <span class="status-failure key">
                <ResultMark status="failure" word={null} /> failed
            </span>
            <span class="status-success key">
                <ResultMark status="success" word={null} /> passed
            </span>
            <span class="key">
                <span class="presumed" aria-hidden="true" /> did not fail; whether it was run is not known
            </span>
            {measured && (
                <span class="status-unknown key">
                    <ResultMark status="unknown" word={null} /> a value that is neither
                </span>
            )}
            <span class="key">empty: no result</span>
            {cut && (
                <span>
                    Not all failures of builds with very many are here, such as of{" "}
                    <a href={inBuildHref(cut.id, cut.number)}>#{cut.number}</a>.
                </span>
            )}
        </p>
    );
}
