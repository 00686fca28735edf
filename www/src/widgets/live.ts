/** Live lists in components. */
import { computed, type ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext, useEffect, useMemo } from "preact/hooks";
import type { ApiError } from "../api/http";
import type { LiveList } from "../api/list";
import type { LiveQuery } from "../api/live";
import type { Store } from "../api/store";

const Context = createContext<Store | undefined>(undefined);
export const StoreProvider = Context.Provider;

export function useStore(): Store {
    const store = useContext(Context);
    if (!store) throw new Error("There is no StoreProvider around this component");
    return store;
}

type Queries = Readonly<Record<string, LiveQuery<unknown>>>;
type Lists<Q extends Queries> = {
    readonly [Name in keyof Q]: LiveList<Q[Name] extends LiveQuery<infer Row> ? Row : never>;
};

/** All that a page shows, in one request. The queries may be made anew in each rendering: they count by what they say. */
export function useLive<Q extends Queries>(queries: Q): Lists<Q> {
    const store = useStore();
    const key = JSON.stringify(Object.entries(queries).map(([name, { id }]) => [name, id]));
    const held = useMemo(() => {
        const lists = Object.entries(queries).map(([name, query]) => [name, store.want(query)]);
        return { lists: Object.fromEntries(lists) as Lists<Q>, queries };
        // eslint-disable-next-line react-hooks/exhaustive-deps -- the key has all that matters of the queries
    }, [store, key]);
    useEffect(() => {
        const releases = Object.values(held.queries).map((query) => store.hold(query));
        return () => releases.forEach((release) => release());
    }, [store, held]);
    return held.lists;
}

export interface LiveOne<Row> extends Omit<LiveList<Row>, "rows" | "total" | "more" | "loadMore"> {
    /** Undefined before it has come, and if there is no such thing (any more). */
    readonly row: ReadonlySignal<Row | undefined>;
}

/** One thing, such as `live("builds/7")`. */
export function useOne<Row>(query: LiveQuery<Row>): LiveOne<Row> {
    const { list } = useLive({ list: query }) as { list: LiveList<Row> };
    return useMemo(() => {
        const { rows, state, error, cursor, settled } = list;
        return { row: computed(() => rows.value[0]), state, error, cursor, settled };
    }, [list]);
}

export type { ApiError, LiveList, LiveQuery };
