import { useCallback, useMemo } from "preact/hooks";
import { readState, writeState, type QueryState, type Widened } from "../base/queryState";
import { useRouter, type Router } from "./router";

/**
 * What somebody chose on the page, which is in its address, and what chooses: given some of the values, it puts them there in place of
 * the present address, so that the way back leads to the page before. `defaults` is a constant.
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
            url.search = writeState(defaults, { ...present, ...changed }, url.searchParams).toString();
            router.navigate(url, { replace: true });
        },
        [defaults, router],
    );
    return [state, set];
}

/** Of what is shown, which while the next page loads is not what stands in the browser's bar. */
function addressOf(router: Router): URL {
    const shown = router.shown.value;
    return shown.state === "page" ? shown.place.url : router.base;
}
