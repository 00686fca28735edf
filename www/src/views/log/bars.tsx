/** What finds something in a log. */
import { counted, digits } from "../../base/text";
import { useEffect, useRef, useState } from "preact/hooks";
import { useShortcut } from "../../widgets/keyboard";
import type { Finder, FirstError, Progress } from "./find";

/** Milliseconds after which somebody has stopped typing. */
const PAUSE = 250;

export function FindBar({
    finder,
    from,
    goTo,
}: {
    finder: Finder;
    /** The line from which on it is looked for at first. */
    from: () => number;
    goTo: (line: number | undefined) => void;
}) {
    const input = useRef<HTMLInputElement>(null);
    const [text, setText] = useState("");
    useShortcut("f", "Find in this log", () => input.current?.focus());
    /** It is to be gone to as soon as one is found. */
    const isAwaited = useRef(false);
    const lines = finder.lines.value;
    const step = (by: 1 | -1) => goTo(finder.step(by, from()));
    const find = () => {
        if (finder.needle.peek() !== text) void finder.find(text);
    };
    useEffect(() => {
        const timer = setTimeout(find, text ? PAUSE : 0);
        return () => clearTimeout(timer);
    });
    useEffect(() => {
        if (!isAwaited.current || !lines.length) return;
        isAwaited.current = false;
        step(1);
    });
    const { current } = finder;
    const place = current.value === undefined ? undefined : lines.indexOf(current.value) + 1;
    return (
        <form
            class="log-find"
            role="search"
            onSubmit={(event) => {
                event.preventDefault();
                find();
                if (finder.lines.peek().length) step(1);
                else isAwaited.current = true;
            }}
        >
            <input
                ref={input}
                type="search"
                placeholder="Find in this log"
                aria-label="Find in this log"
                value={text}
                onInput={(event) => {
                    isAwaited.current = false;
                    setText(event.currentTarget.value);
                }}
                onKeyDown={(event) => {
                    // Keys of the page are heard again.
                    if (event.key === "Escape") event.currentTarget.blur();
                    if (event.key !== "Enter" || !event.shiftKey) return;
                    event.preventDefault();
                    step(-1);
                }}
            />
            {finder.needle.value && (
                <>
                    <button
                        type="button"
                        class="button square"
                        aria-label="Previous"
                        title="Previous (Shift+Enter)"
                        disabled={!lines.length}
                        onClick={() => step(-1)}
                    >
                        ↑
                    </button>
                    <button
                        type="submit"
                        class="button square"
                        aria-label="Next"
                        title="Next (Enter)"
                        disabled={!lines.length}
                    >
                        ↓
                    </button>
                    <span class="quiet" role="status">
                        {place !== undefined && `${digits(place)} of `}
                        {counted(lines.length, "line")}
                        <Searched progress={finder.progress.value} />
                    </span>
                </>
            )}
        </form>
    );
}

function Searched({ progress }: { progress: Progress | undefined }) {
    if (progress?.error) return <> so far: {progress.error.detail}</>;
    if (!progress || progress.done) return null;
    return <> so far, {Math.floor(progress.part * 100)} % looked through</>;
}

export function FirstErrorButton({
    firstError,
    goTo,
}: {
    firstError: FirstError;
    goTo: (line: number | undefined) => void;
}) {
    const progress = firstError.progress.value;
    const isLooking = progress && !progress.done;
    const isMissing = progress?.done && firstError.line.value === undefined;
    return (
        <button
            type="button"
            class="button"
            title="Go to the first line that tells of an error (e)"
            onClick={() => void firstError.find().then(goTo)}
        >
            {isLooking ? `Looking: ${Math.floor(progress.part * 100)} %` : isMissing ? "No error found" : "First error"}
        </button>
    );
}
