/** Results, shown: by shape and colour, and by word for those who listen. */
import type { ComponentChildren } from "preact";
import { statusOf, type Status } from "../base/results";
import "./marks.css";

/** The drawing alone: `word` is what it says to those who listen, and nothing where the word stands beside it. */
export function ResultMark({ status, word = status }: { status: Status; word?: string | null }) {
    const classes = `mark status-${status}`;
    return word === null ? (
        <span class={classes} aria-hidden="true" />
    ) : (
        <span class={classes} role="img" aria-label={word} title={word} />
    );
}

/** The drawing with its word, or with words that say it better. */
export function Badge({
    status,
    filled = false,
    children,
}: {
    status: Status;
    filled?: boolean;
    children?: ComponentChildren;
}) {
    return (
        <span class={`badge status-${status}${filled ? " filled" : ""}`}>
            <ResultMark status={status} word={null} />
            {children ?? status}
        </span>
    );
}

export interface StripBuild {
    readonly number: number;
    readonly results: number | null;
    readonly href: string;
}

/** The last builds of a builder, the newest at the end: one stop for the keyboard, the arrows go along it. */
export function ResultStrip({ builds, label }: { builds: readonly StripBuild[]; label: string }) {
    return (
        <span class="strip" style={drawnAs(builds)} role="group" aria-label={label} onKeyDown={goAlong}>
            {builds.map(({ number, results, href }, index) => {
                const words = `#${number} ${statusOf(results)}`;
                return (
                    <a
                        key={number}
                        href={href}
                        title={words}
                        aria-label={words}
                        tabIndex={index === builds.length - 1 ? 0 : -1}
                    />
                );
            })}
        </span>
    );
}

/** All marks as one: what each has of its own takes a browser ten times as long to paint. Widths are those of the style sheet. */
function drawnAs(builds: readonly StripBuild[]) {
    const all = builds.map(({ results }) => statusOf(results));
    const colours = all.map((status, at) => `var(--${status}) ${at * 1.2}em ${(at + 1) * 1.2}em`);
    return {
        "--marks": all.length,
        background: `linear-gradient(to right, ${colours.join(", ")})`,
        mask: all.map((status, at) => `var(--drawing-${status}) ${at * 1.2 + 0.1}em / 1em no-repeat`).join(", "),
    };
}

/** Of a group of elements, one of which is a stop for the keyboard: the arrows go along it. */
export function goAlong(event: KeyboardEvent) {
    if (!(event.target instanceof HTMLElement)) return;
    const { previousElementSibling, nextElementSibling } = event.target;
    const other =
        event.key === "ArrowLeft" ? previousElementSibling : event.key === "ArrowRight" ? nextElementSibling : null;
    if (!(other instanceof HTMLElement)) return;
    event.preventDefault();
    other.focus();
}
