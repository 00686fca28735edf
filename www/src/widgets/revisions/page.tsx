/** A page about revisions and builders: what it says while there is nothing to show, and its bar. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { oneOf } from "../../base/queryState";
import { minute } from "../../base/time";
import { counted } from "../../base/text";
import { ALL, FILTER, FilterBar } from "../filters";
import { Empty, Problem, Skeleton } from "../problem";
import { useQueryState } from "../query";
import { useTitle } from "../title";
import { useRevisions, type Data } from "./data";
import { filtered, type Shown } from "./filter";
import "./page.css";

/** Beside the filter: which builders come first. */
const CHOICES = { ...FILTER, sort: oneOf("name", "worst") } as const;

export type Choice = ReturnType<typeof useQueryState<typeof CHOICES>>[0];

export interface Given {
    readonly shown: Shown;
    readonly worstFirst: boolean;
    /** Seconds since the epoch; moves each minute. */
    readonly present: number;
    readonly loadOlder: () => void;
}

export function RevisionsPage({
    title,
    sorts = false,
    wanted,
    children,
}: {
    title: string;
    /** Builders can be sorted. */
    sorts?: boolean;
    /** Which revisions the page has a place for; all without. */
    wanted?: (revision: Data["revisions"][number]) => boolean;
    /** Draws them. */
    children: (given: Given) => ComponentChildren;
}) {
    useTitle(title);
    const [choice, choose] = useQueryState(CHOICES);
    const { data, error, loadOlder } = useRevisions();
    const found = data.value;
    if (error.value && !found) return <Problem error={error.value} />;
    if (!found) return <Skeleton lines={8} />;
    if (found.builders.length === 0) {
        return (
            <Empty title="There are no builders">
                They appear here as soon as a master that uses this database has some in its configuration.
            </Empty>
        );
    }
    return (
        <Drawn
            title={title}
            sorts={sorts}
            wanted={wanted}
            data={found}
            loadOlder={loadOlder}
            choice={choice}
            choose={choose}
        >
            {children}
        </Drawn>
    );
}

function Drawn({
    title,
    sorts,
    wanted,
    data,
    loadOlder,
    choice,
    choose,
    children,
}: {
    title: string;
    sorts: boolean;
    wanted: ((revision: Data["revisions"][number]) => boolean) | undefined;
    data: Data;
    loadOlder: () => Promise<void>;
    choice: Choice;
    choose: (changed: Partial<Choice>) => void;
    children: (given: Given) => ComponentChildren;
}) {
    const loading = useSignal(false);
    const { builders } = data;
    const revisions = useMemo(() => (wanted ? data.revisions.filter(wanted) : data.revisions), [data, wanted]);
    const tags = useMemo(() => [...new Set(builders.flatMap((builder) => builder.tags))].sort(), [builders]);
    const branches = useMemo(() => [...new Set(revisions.map(({ branch }) => branch))].sort(), [revisions]);
    const shown = useMemo(() => filtered(builders, revisions, choice), [builders, revisions, choice]);

    const load = () => {
        if (loading.value || !data.more) return;
        loading.value = true;
        // What went wrong is shown by the marker of the connection; then it can be tried again.
        loadOlder()
            .catch(() => undefined)
            .finally(() => (loading.value = false));
    };

    const [rows, columns] = [shown.revisions.length, shown.builders.length];
    return (
        <div class="revisions fills">
            <div class="revisions-bar">
                <h1>{title}</h1>
                <FilterBar
                    filter={choice}
                    set={choose}
                    tags={tags}
                    branches={branches}
                    results
                    placeholder="Filter by builder, revision or text"
                >
                    {counted(rows, "revision")} · {counted(columns, "builder")}
                </FilterBar>
                {sorts && (
                    <button
                        type="button"
                        class="button"
                        aria-pressed={choice.sort === "worst"}
                        onClick={() => choose({ sort: choice.sort === "worst" ? "name" : "worst" })}
                    >
                        Failing first
                    </button>
                )}
                {data.more && (
                    <button type="button" class="button" disabled={loading.value} onClick={load}>
                        Load older
                    </button>
                )}
            </div>
            {rows > 0 && columns > 0 ? (
                children({
                    shown,
                    worstFirst: choice.sort === "worst",
                    present: minute.value,
                    loadOlder: load,
                })
            ) : (
                <Nothing all={data.revisions.length === 0} more={data.more} showAll={() => choose(ALL)} />
            )}
        </div>
    );
}

function Nothing({ all, more, showAll }: { all: boolean; more: boolean; showAll: () => void }) {
    if (all) {
        return (
            <Empty title="Nothing was built yet">
                Revisions appear here when a change comes, or when a build of one begins.
            </Empty>
        );
    }
    return (
        <Empty title="Nothing is like that">
            <p>
                No revision that is loaded meets the filter.{" "}
                <button type="button" class="button" onClick={showAll}>
                    Show all
                </button>
            </p>
            {more && <p>There may be some among the older ones: load them above.</p>}
        </Empty>
    );
}
