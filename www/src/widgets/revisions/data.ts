/** Revisions and builders, kept right by events. */
import type { ReadonlySignal } from "@preact/signals";
import { isDeserted } from "../../base/masters";
import { useLive } from "../live";
import { useMade, type Made } from "../made";
import { builderOf, lacksBuilds, revisionsOf, type Builder, type Revision, type Rows } from "./model";
import { QUERIES, type ChangeRow } from "./queries";

/** Milliseconds between two drawings: what happens in between is drawn together. */
const PACE = 150;

export interface Data {
    readonly builders: readonly Builder[];
    readonly revisions: readonly Revision[];
    /** There are older ones. */
    readonly more: boolean;
}

export interface Loading extends Made<Data> {
    /** Ask for the next page. */
    readonly loadOlder: () => Promise<void>;
}

export function useRevisions(): Loading {
    const lists = useLive(QUERIES);
    const { builders, builds, waiting, changes, masters } = lists;
    const changeRows = changes.rows as ReadonlySignal<readonly unknown[]> as ReadonlySignal<readonly ChangeRow[]>;
    const rows = (): Rows => ({
        builds: builds.rows.peek(),
        moreBuilds: builds.more.peek(),
        waiting: waiting.rows.peek(),
        changes: changeRows.peek(),
        moreChanges: changes.more.peek(),
        masters: masters.rows.peek(),
    });

    const made = useMade(Object.values(lists), PACE, () => ({
        builders: builders.rows.peek().map((row) => builderOf(row, isDeserted(masters.rows.peek()))),
        revisions: revisionsOf(rows()),
        more: builds.more.peek() || changes.more.peek(),
    }));

    const loadOlder = () => (lacksBuilds(rows()) ? builds : changes).loadMore();
    return { ...made, loadOlder };
}
