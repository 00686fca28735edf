/** Revisions and builders, kept right by events. */
import { useSignal, useSignalEffect, type ReadonlySignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { isDeserted } from "../../base/masters";
import { useLive, type ApiError } from "../live";
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

export interface Loading {
    /** Undefined until all has come. */
    readonly data: ReadonlySignal<Data | undefined>;
    readonly error: ReadonlySignal<ApiError | undefined>;
    /** Ask for the next page. */
    readonly loadOlder: () => Promise<void>;
}

export function useRevisions(): Loading {
    const lists = useLive(QUERIES);
    const { builders, builds, waiting, changes, masters } = lists;
    const changeRows = changes.rows as ReadonlySignal<readonly unknown[]> as ReadonlySignal<readonly ChangeRow[]>;
    const all = Object.values(lists);
    const error = useSignal<ApiError | undefined>(undefined);
    const data = useSignal<Data | undefined>(undefined);
    const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

    const rows = (): Rows => ({
        builds: builds.rows.peek(),
        moreBuilds: builds.more.peek(),
        waiting: waiting.rows.peek(),
        changes: changeRows.peek(),
        moreChanges: changes.more.peek(),
        masters: masters.rows.peek(),
    });

    const make = () => {
        error.value = all.find(({ state }) => state.peek() === "failed")?.error.peek();
        if (all.some(({ state }) => state.peek() !== "ready")) return;
        const deserted = isDeserted(masters.rows.peek());
        data.value = {
            builders: builders.rows.peek().map((row) => builderOf(row, deserted)),
            revisions: revisionsOf(rows()),
            more: builds.more.peek() || changes.more.peek(),
        };
    };

    useSignalEffect(() => {
        all.forEach((list) => [list.rows.value, list.state.value, list.more.value]);
        if (timer.current !== undefined) return;
        make();
        timer.current = setTimeout(() => {
            timer.current = undefined;
            make();
        }, PACE);
    });

    const loadOlder = () => (lacksBuilds(rows()) ? builds : changes).loadMore();
    return { data, error, loadOlder };
}
