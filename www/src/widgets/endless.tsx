/** The end of a list that goes on: what follows is brought when it comes near the window, or by the button. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "./endless.css";

/** How far below the window it may be, so that what follows is there before one sees its end. */
const AHEAD = "800px";

export function Endless({
    more,
    load,
    children = "Show more",
}: {
    /** Whether anything follows. */
    more: boolean;
    /** Fails where it could not be brought; then the button tries again. */
    load: () => Promise<void> | void;
    children?: ComponentChildren;
}) {
    const end = useRef<HTMLDivElement>(null);
    const [state, setState] = useState<"ready" | "loading" | "failed">("ready");

    async function bring() {
        setState("loading");
        try {
            await load();
            setState("ready");
        } catch {
            setState("failed");
        }
    }

    useEffect(() => {
        if (!more || state !== "ready" || !end.current) return;
        // Made anew after each page: where the end is still near, it tells so at once.
        const observer = new IntersectionObserver(
            (entries) => entries.some(({ isIntersecting }) => isIntersecting) && void bring(),
            { rootMargin: AHEAD },
        );
        observer.observe(end.current);
        return () => observer.disconnect();
    });

    if (!more) return null;
    return (
        <div ref={end} class="endless">
            {state === "failed" && <span role="alert">What follows could not be loaded.</span>}
            <button type="button" class="button" disabled={state === "loading"} onClick={() => void bring()}>
                {state === "loading" ? "Loading…" : state === "failed" ? "Try again" : children}
            </button>
        </div>
    );
}
