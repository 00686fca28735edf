/** What went wrong, what is not there, and what has not come yet: each says what it is, and what one can do. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { prepareTimes } from "../base/time";
import { StockLink } from "./site";
import "./problem.css";

/** What is told of an error, such as an ApiError. */
export interface Failure {
    /** Of HTTP; 0 if nothing answered. */
    readonly status: number;
    readonly title: string;
    readonly detail: string;
}

/** The API's `-1` is the highest of all, which is another one from time to time: no page is about that. */
export function noneAt(id: string, what: string): Failure | undefined {
    return id === "-1" ? { status: 404, title: "Not found", detail: `${id}: there is no such ${what}` } : undefined;
}

interface Told {
    readonly heading: string;
    readonly advice: string;
}

/** In words for people; what the server said of it stands below. */
export function tell({ status, title }: Failure): Told {
    switch (status) {
        case 0:
            return {
                heading: "The server cannot be reached",
                advice: "Check that you are connected, and that the server runs. As soon as it answers, this page goes on.",
            };
        case 400:
            return {
                heading: "The server does not understand the question",
                advice: "Something in the page's address is wrong, or the page is older than the server: load it again.",
            };
        case 401:
        case 403:
            return {
                heading: "You may not see this",
                advice: "Sign in, or ask the administrators of this Buildbot for the right to see it.",
            };
        case 404:
            return {
                heading: "There is no such thing",
                advice: "It may have been deleted, or its address is not right.",
            };
        case 410:
            return {
                heading: "This is older than what the server remembers",
                advice: "Load it again to see how things are now.",
            };
        case 429:
            return { heading: "Too many questions at once", advice: "Wait some seconds, then try again." };
        case 503:
        case 504:
            return {
                heading: "The server is too busy to answer, or is starting",
                advice: "Wait some seconds, then try again.",
            };
        default:
            return {
                heading: status >= 500 ? "The server has failed" : title,
                advice: "Try again. If it stays so, tell the administrators of this Buildbot: the server's log has more.",
            };
    }
}

/** An error in place of what it kept from being shown. */
export function Problem({
    error,
    retry,
    children,
}: {
    error: Failure;
    /** Tries it again. */
    retry?: () => void;
    /** What else one can do. */
    children?: ComponentChildren;
}) {
    const { heading, advice } = tell(error);
    const said = error.detail || error.title;
    return (
        <section class="problem" role="alert">
            <h2>{heading}</h2>
            <p>{advice}</p>
            <p class="said">{said}</p>
            <p class="ways">
                {retry && (
                    <button type="button" class="button" onClick={retry}>
                        Try again
                    </button>
                )}
                {error.status === 401 || error.status === 403 ? <StockLink to="">Sign in</StockLink> : null}
                {children}
            </p>
        </section>
    );
}

/** That there is nothing, why, and where there may be something. */
export function Empty({ title, children }: { title: ComponentChildren; children?: ComponentChildren }) {
    return (
        <div class="empty">
            <p>{title}</p>
            {children && <div class="quiet">{children}</div>}
        </div>
    );
}

/** The place of lines that have not come yet; with `times`, some have times in them, which the browser makes ready meanwhile. */
export function Skeleton({ lines = 3, times = true }: { lines?: number; times?: boolean }) {
    useEffect(() => {
        if (times) setTimeout(prepareTimes);
    }, [times]);
    return (
        <div class="skeleton" role="status">
            <span class="heard">Loading</span>
            {Array.from({ length: lines }, (_, line) => (
                <div key={line} />
            ))}
        </div>
    );
}
