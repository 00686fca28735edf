/** All results of one build: its sets, what failed in them and is new or not, and the list of all. */
import { useMemo, useState } from "preact/hooks";
import { oneOf, textOf } from "../../base/queryState";
import { statusOf } from "../../base/results";
import { counted, cutText, digits } from "../../base/text";
import { Endless } from "../../widgets/endless";
import { FilterBar } from "../../widgets/filters";
import { PageHead } from "../../widgets/head";
import { useLive, type LiveList } from "../../widgets/live";
import { ResultMark } from "../../widgets/marks";
import { Empty, Problem, Skeleton } from "../../widgets/problem";
import { useQueryState } from "../../widgets/query";
import {
    compared,
    isCut,
    nameOf,
    outcomeOf,
    placeOf,
    STATUS_OF,
    testDuration,
    titleOf,
    valueOf,
    type Compared,
    type Failure,
} from "./model";
import { buildHref, inBuildHref, NoTests, testsHref, Trouble } from "./parts";
import { buildOf, type OneSetRow, type ResultRow } from "./queries";

const SORTS = { "": "As they ran", duration: "Slowest first", name: "By name" } as const;
const CHOICES = {
    text: "",
    sort: oneOf("", "duration", "name"),
    set: textOf((text) => /^[0-9]{1,15}$/.test(text), "the id of a set"),
    only: oneOf("", "failed"),
} as const;
type Choice = ReturnType<typeof useQueryState<typeof CHOICES>>[0];

export function BuildTests({ builder, number }: { builder: string; number: number }) {
    const [choice, choose] = useQueryState(CHOICES);
    const lists = useLive(buildOf(builder, number, choice));
    const [build] = lists.build.rows.value;
    const sets = lists.sets.rows.value as readonly (OneSetRow & { readonly failures: readonly Failure[] })[];
    const before = lists.before.rows.value;
    const held = useMemo(() => sets.map((set) => compared(set, before)), [sets, before]);
    const error = lists.build.error.value ?? lists.sets.error.value;
    if (!build || lists.sets.state.value !== "ready") {
        return (
            <>
                <PageHead title={`Tests of #${number}`} />
                {error ? <Trouble error={error} builder={builder} /> : <Skeleton lines={10} />}
            </>
        );
    }
    const id = build.builderid;
    return (
        <div class="build-tests">
            <PageHead
                title={`Tests of ${build.builder?.name ?? `builder ${id}`} #${number}`}
                status={statusOf(build.results)}
                below={<bdi>{build.state_string}</bdi>}
            >
                <a class="button" href={buildHref(id, number)}>
                    The build
                </a>
                <a class="button" href={testsHref(id)}>
                    Tests of all builds
                </a>
            </PageHead>
            {sets.length === 0 ? (
                <NoTests what="build" />
            ) : (
                <>
                    {held.map((each) => (
                        <SetOf
                            key={each.set.test_result_setid}
                            id={id}
                            number={number}
                            compared={each}
                            step={
                                sets.find(({ test_result_setid: of }) => of === each.set.test_result_setid)?.step ??
                                null
                            }
                            text={choice.text}
                            showAll={() => choose({ set: String(each.set.test_result_setid), only: "failed" })}
                        />
                    ))}
                    <All id={id} sets={sets} list={lists.all} choice={choice} choose={choose} />
                </>
            )}
        </div>
    );
}

/** Failures that stand there at first. */
const FIRST = 25;

function SetOf({
    id,
    number,
    compared: { set, isNew, fixed, against },
    step,
    text,
    showAll,
}: {
    id: number;
    number: number;
    compared: Compared;
    step: { readonly number: number; readonly name: string } | null;
    text: string;
    showAll: () => void;
}) {
    const [most, setMost] = useState(FIRST);
    const failures = set.failures.filter((failure) => nameOf(failure).includes(text));
    const news = set.failures.filter((failure) => isNew(nameOf(failure))).length;
    // What began to fail stands before what failed already.
    const ordered = [...failures].sort((a, b) => Number(isNew(nameOf(b)) ?? false) - Number(isNew(nameOf(a)) ?? false));
    const failed = Math.max(set.tests_failed ?? 0, set.failures.length);
    const status = !set.complete ? "running" : failed > 0 ? "failure" : "success";
    return (
        <section class="test-set">
            <h2>
                <ResultMark
                    status={set.tests_passed === null && set.tests_failed === null && set.complete ? "unknown" : status}
                />{" "}
                <bdi>{titleOf(set)}</bdi>
            </h2>
            <p>
                {!set.complete && "It is not complete yet. "}
                {failed > 0 && (
                    <strong>
                        {digits(failed)} {set.category === "code_issue" ? "found" : "failed"}
                    </strong>
                )}
                {failed > 0 && set.tests_passed !== null && ", "}
                {set.tests_passed !== null && `${digits(set.tests_passed)} passed`}
                {failed === 0 && set.tests_passed === null && set.complete && set.tests_failed !== null && "none found"}
                {news > 0 && against !== undefined && (
                    <>
                        {" · "}
                        {digits(news)} new since <a href={inBuildHref(id, against)}>#{against}</a>
                    </>
                )}
                {fixed.length > 0 && against !== undefined && (
                    <>
                        {" · "}
                        {digits(fixed.length)} that failed in <a href={inBuildHref(id, against)}>#{against}</a> no
                        longer {fixed.length === 1 ? "does" : "do"}
                    </>
                )}
                <span class="quiet">
                    {" · "}
                    <bdi>{set.category}</bdi>
                    {step && (
                        <>
                            {", by step "}
                            <a href={`${buildHref(id, number)}#step-${step.number}`}>
                                <bdi>{step.name}</bdi>
                            </a>
                        </>
                    )}
                </span>
            </p>
            {ordered.length > 0 && (
                <ul class="lines failing">
                    {ordered.slice(0, most).map((failure) => (
                        <Result
                            key={failure.test_resultid}
                            id={id}
                            set={set}
                            result={failure}
                            note={isNew(nameOf(failure)) ? "new" : undefined}
                        />
                    ))}
                </ul>
            )}
            {ordered.length > most ? (
                <button type="button" class="button" onClick={() => setMost(set.failures.length)}>
                    Show {counted(ordered.length - most, "more", "more")}
                </button>
            ) : (
                isCut(set) && (
                    <button type="button" class="button" onClick={showAll}>
                        List all {digits(failed)} below
                    </button>
                )
            )}
            {fixed.length > 0 && (
                <details class="fixed">
                    <summary>No longer failing: {digits(fixed.length)}</summary>
                    <ul class="lines">
                        {fixed.slice(0, 100).map((name) => (
                            <li key={name}>
                                <a class="code" href={testsHref(id, { test: name })}>
                                    <bdi>{cutText(name)}</bdi>
                                </a>
                            </li>
                        ))}
                    </ul>
                </details>
            )}
        </section>
    );
}

function Result({
    id,
    set,
    result,
    note,
}: {
    id: number;
    set: Compared["set"] | OneSetRow | undefined;
    result: Failure;
    note?: string | undefined;
}) {
    const outcome = set ? outcomeOf(set, result.value) : "measured";
    const name = nameOf(result);
    return (
        <li>
            <span class="name">
                <ResultMark status={STATUS_OF[outcome]} word={outcome} />{" "}
                {result.test_name === null ? (
                    <bdi class="code">{cutText(name)}</bdi>
                ) : (
                    <a class="code" href={testsHref(id, { test: name })}>
                        <bdi>{cutText(name)}</bdi>
                    </a>
                )}{" "}
                {note && <span class="tag note">{note}</span>}
            </span>
            <bdi class="quiet">{[placeOf(result), valueOf(set, result)].filter(Boolean).join(" ")}</bdi>
            {result.duration_ns !== null && <span class="took">{testDuration(result.duration_ns)}</span>}
        </li>
    );
}

function All({
    id,
    sets,
    list,
    choice: { text, sort, set, only },
    choose,
}: {
    id: number;
    sets: readonly OneSetRow[];
    list: LiveList<ResultRow>;
    choice: Choice;
    choose: (changed: Partial<Choice>) => void;
}) {
    const byId = new Map(sets.map((each) => [each.test_result_setid, each]));
    const error = list.error.value;
    const rows = list.rows.value;
    const total = list.total.value;
    const isOther = set !== "" && !byId.has(Number(set));
    return (
        <section class="all-results" id="all">
            <h2>
                {only === "failed" && set ? "All that failed" : "All results"}{" "}
                <span class="quiet">{list.state.value === "ready" && totalText(total, list.more.value)}</span>
            </h2>
            <div class="tests-bar">
                <FilterBar filter={{ text }} set={({ text = "" }) => choose({ text })} placeholder="Filter by name" />
                <select
                    aria-label="Order"
                    value={sort}
                    onChange={(event) => choose({ sort: event.currentTarget.value as Choice["sort"] })}
                >
                    {Object.entries(SORTS).map(([value, words]) => (
                        <option key={value} value={value}>
                            {words}
                        </option>
                    ))}
                </select>
                {(sets.length > 1 || set) && (
                    <select
                        aria-label="Set"
                        value={set}
                        onChange={({ currentTarget: { value } }) =>
                            choose({ set: value, ...(value ? {} : { only: "" }) })
                        }
                    >
                        <option value="">All sets</option>
                        {isOther && <option value={set}>set {set}</option>}
                        {sets.map((each) => (
                            <option key={each.test_result_setid} value={String(each.test_result_setid)}>
                                {titleOf(each).slice(0, 60)}
                            </option>
                        ))}
                    </select>
                )}
                {only === "failed" && set && (
                    <button type="button" class="button" aria-pressed onClick={() => choose({ only: "" })}>
                        Only failed
                    </button>
                )}
            </div>
            {list.state.value === "failed" && error ? (
                <Problem error={error} />
            ) : list.state.value === "loading" ? (
                <Skeleton lines={6} />
            ) : rows.length === 0 || isOther ? (
                <Empty
                    title={
                        isOther
                            ? "This build has no such set"
                            : text
                              ? "No test is called so"
                              : "There are no results yet"
                    }
                >
                    {text && !isOther && <p>Capital letters are told from small ones.</p>}
                    {(text || isOther) && (
                        <button
                            type="button"
                            class="button"
                            onClick={() => choose({ text: "", ...(isOther ? { set: "", only: "" } : {}) })}
                        >
                            Show all
                        </button>
                    )}
                </Empty>
            ) : (
                <ul class="lines">
                    {rows.map((row) => (
                        <Result key={row.test_resultid} id={id} set={byId.get(row.test_result_setid)} result={row} />
                    ))}
                </ul>
            )}
            <Endless more={list.state.value === "ready" && list.more.value} load={() => list.loadMore()} />
        </section>
    );
}

/** The server counts to some thousands. */
function totalText(total: number | undefined, more: boolean): string {
    if (total === undefined) return "";
    return `${digits(total)}${more && total % 1000 === 0 ? "+" : ""}`;
}
