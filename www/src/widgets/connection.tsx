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

/** For the page: a strip above it that says since when it is old. */
export function StaleStrip({ connection }: { connection: ReadonlySignal<Status> }) {
    const told = connection.value;
    if (told.state !== "stale") return null;
    return (
        <p class="stale-strip">
            This page shows how things were at <Clock at={told.since} />. The server cannot be reached; as soon as it
            can, the page goes on by itself.
        </p>
    );
}
