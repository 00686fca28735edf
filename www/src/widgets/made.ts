/** What a page makes of its lists as a whole, where it takes too long to do so at every event. */
import { effect, untracked, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ApiError, LiveList } from "./live";

export interface Made<Data> {
    /** Undefined until all has come. */
    readonly data: ReadonlySignal<Data | undefined>;
    readonly error: ReadonlySignal<ApiError | undefined>;
}

/**
 * At once when all lists have come; after that what happens within `pace` milliseconds is shown together. The lists
 * stay the same as long as what uses them is mounted.
 */
export function useMade<Data>(lists: readonly LiveList<unknown>[], pace: number, make: () => Data): Made<Data> {
    const error = useSignal<ApiError | undefined>(undefined);
    const data = useSignal<Data | undefined>(undefined);
    const given = useRef({ lists, make });
    given.current = { lists, make };

    // An effect of its own, because that of a component would wait for a frame.
    useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        /** Whether there is something. */
        const remake = () => {
            const { lists, make } = given.current;
            error.value = lists.find(({ state }) => state.peek() === "failed")?.error.peek();
            const isThere = lists.every(({ state }) => state.peek() === "ready");
            if (isThere) data.value = untracked(make);
            return isThere;
        };
        const end = effect(() => {
            given.current.lists.forEach(({ rows, state, more }) => [rows.value, state.value, more.value]);
            if (timer !== undefined || !remake()) return;
            timer = setTimeout(() => {
                timer = undefined;
                remake();
            }, pace);
        });
        return () => {
            end();
            clearTimeout(timer);
        };
    }, [data, error, pace]);
    return { data, error };
}
