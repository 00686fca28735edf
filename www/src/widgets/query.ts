import { useCallback, useLayoutEffect, useMemo } from "preact/hooks";
import { readState, writeState, type QueryState, type QueryValue, type Widened } from "../base/queryState";
import { addressOf, useRouter } from "./router";

/**
 * What somebody chose on the page, which is in its address, and what chooses: given some of the values, it puts them there in place of
 * the present address, so that the way back leads to the page before. `defaults` is a constant. What else the address says, and
 * what cannot be, is told above the page: so a page reads all that it reads as soon as it reads anything.
 */
export function useQueryState<const State extends QueryState>(
    defaults: State,
): [Widened<State>, (changed: Partial<Widened<State>>) => void] {
    const router = useRouter();
    const search = addressOf(router).search;
    const state = useMemo(() => readState(defaults, new URLSearchParams(search)), [defaults, search]);
    const set = useCallback(
        (changed: Partial<Widened<State>>) => {
            const url = new URL(addressOf(router));
            const present = readState(defaults, url.searchParams);
            const state = { ...present, ...changed } as Readonly<Record<string, QueryValue>>;
            url.search = writeState(defaults, state, url.searchParams).toString();
            router.navigate(url, { replace: true });
        },
        [defaults, router],
    );
    useLayoutEffect(() => {
        const { read } = router;
        read.value = [...read.peek(), defaults];
        return () => {
            read.value = read.peek().toSpliced(read.peek().indexOf(defaults), 1);
        };
    }, [router, defaults]);
    return [state, set];
}
