/** What a page makes of its lists as a whole, where it takes too long to do so at every event. */
import { useSignal, useSignalEffect, type ReadonlySignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { ApiError, LiveList } from "./live";

export interface Made<Data> {
    /** Undefined until all has come. */
    readonly data: ReadonlySignal<Data | undefined>;
    readonly error: ReadonlySignal<ApiError | undefined>;
}

/**
 * At once when all lists have come; after that what happens within `pace` milliseconds is shown together. `make` reads the lists
 * without following them.
 */
export function useMade<Data>(lists: readonly LiveList<unknown>[], pace: number, make: () => Data): Made<Data> {
    const error = useSignal<ApiError | undefined>(undefined);
    const data = useSignal<Data | undefined>(undefined);
    const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

    /** Whether there is something. */
    const remake = () => {
        error.value = lists.find(({ state }) => state.peek() === "failed")?.error.peek();
        const isThere = lists.every(({ state }) => state.peek() === "ready");
        if (isThere) data.value = make();
        return isThere;
    };

    useSignalEffect(() => {
        lists.forEach(({ rows, state, more }) => [rows.value, state.value, more.value]);
        if (timer.current !== undefined || !remake()) return;
        timer.current = setTimeout(() => {
            timer.current = undefined;
            remake();
        }, pace);
    });
    return { data, error };
}
