/** Whether what is shown is how things are: quiet while it is, plain where it is not. */
import type { ReadonlySignal } from "@preact/signals";
import type { Status } from "../api/link";
import { Clock, Duration } from "./times";
import "./connection.css";

const WORDS = { live: "Live", reconnecting: "Reconnecting", stale: "Not up to date" };

/** For the bar: a dot and a word, with the time where something is amiss. */
export function ConnectionMarker({ connection }: { connection: ReadonlySignal<Status> }) {
    const told = connection.value;
    return (
        <span class={`connection ${told.state}`}>
            {/* What is read out when it changes: the word, not each second that passes. */}
            <span role="status">{WORDS[told.state]}</span>
            {told.state !== "live" && (
                <span class="since">
                    <Duration from={told.since} />
                </span>
            )}
        </span>
    );
}

/** For the page: a strip above it that says why nothing happens. */
export function DesertedStrip({ since }: { since: ReadonlySignal<number | undefined> }) {
    const at = since.value;
    if (at === undefined) return null;
    return (
        <p class="deserted-strip" role="status">
            No master has run since <Clock at={at} />, so nothing is built. What is shown is how things were left.
        </p>
    );
}

/** For the page: a strip above it that says since when it is old. */
export function StaleStrip({ connection }: { connection: ReadonlySignal<Status> }) {
    const told = connection.value;
    if (told.state !== "stale") return null;
    return (
        <p class="stale-strip">
            The server cannot be reached: nothing here is newer than <Clock at={told.since} />. As soon as it can be,
            the page goes on by itself.
        </p>
    );
}
