/** Times, shown: those that pass follow the one clock of the page, and redraw only when their text is another. */
import { useComputed } from "@preact/signals";
import { ageNow, clockTime, duration, fullTime, isoDuration, isoTime, minute, now } from "../base/time";

/** How long ago something was, or how far ahead it is; pointing at it tells when. */
export function Age({ at }: { at: number }) {
    return (
        <time dateTime={isoTime(at)} title={fullTime(at)}>
            <AgeText key={at} at={at} />
        </time>
    );
}

function AgeText({ at }: { at: number }) {
    return <>{useComputed(() => ageNow(at))}</>;
}

/** When something was, by the clock. */
export function Clock({ at }: { at: number }) {
    return (
        <time dateTime={isoTime(at)} title={fullTime(at)}>
            {clockTime(at, minute.peek())}
        </time>
    );
}

/** How long something took, or has taken until now if it has no end. */
export function Duration({ from, to }: { from: number; to?: number | null | undefined }) {
    return to === null || to === undefined ? (
        <Running key={from} from={from} />
    ) : (
        <time dateTime={isoDuration(to - from)}>{duration(to - from)}</time>
    );
}

function Running({ from }: { from: number }) {
    const text = useComputed(() => duration(now.value - from));
    return <time title={`since ${fullTime(from)}`}>{text}</time>;
}
