/** How far something has come that runs, as far as it can be known: from when it began and when it is expected to end. */
import { useComputed } from "@preact/signals";
import { duration, fullTime, now } from "../base/time";
import "./progress.css";

/** A bar and what is left, in words. Without an expectation it only says how long it has run. */
export function Progress({ from, to, what }: { from: number; to: number | null | undefined; what: string }) {
    return typeof to === "number" ? (
        <Expected key={`${from} ${to}`} from={from} to={to} what={what} />
    ) : (
        <span class="progress">
            <RunningFor key={from} from={from} />
        </span>
    );
}

function Expected({ from, to, what }: { from: number; to: number; what: string }) {
    // What lasts longer than expected is never quite done.
    const part = useComputed(() => Math.min(0.98, Math.max(0, (now.value - from) / Math.max(1, to - from))));
    const late = useComputed(() => (now.value > to ? "progress late" : "progress"));
    const left = useComputed(() =>
        now.value > to ? `${duration(now.value - to)} late` : `${duration(to - now.value)} left`,
    );
    return (
        <span class={late}>
            <progress value={part} max={1} aria-label={`How far ${what} has come`} />
            <span class="left" title={`Expected at ${fullTime(to)}, as the last good builds were`}>
                {left}
            </span>
        </span>
    );
}

function RunningFor({ from }: { from: number }) {
    const text = useComputed(() => `for ${duration(now.value - from)}`);
    return (
        <span class="left" title={`Since ${fullTime(from)}`}>
            {text}
        </span>
    );
}
