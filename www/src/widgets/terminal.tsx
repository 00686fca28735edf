/** A line that a program wrote for a terminal. Whatever stands in it is text: nothing of it becomes markup, or moves what is around it. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { parseAnsi, type Style } from "../base/ansi";
import "./terminal.css";

export function TerminalLine({
    text,
    found = "",
}: {
    text: string;
    /** What is marked in it, where it stands in one style. */
    found?: string;
}) {
    const pieces = useMemo(() => parseAnsi(text), [text]);
    return (
        <>
            {pieces.map(({ text: shown, style, control }, at) =>
                control ? (
                    <span key={at} class="term-control">
                        {shown}
                    </span>
                ) : style ? (
                    <span key={at} class={classesOf(style)} style={coloursOf(style)}>
                        {marked(shown, found)}
                    </span>
                ) : (
                    marked(shown, found)
                ),
            )}
        </>
    );
}

function marked(text: string, found: string): ComponentChildren {
    if (!found || !text.includes(found)) return text;
    return text.split(found).flatMap((part, at) => (at === 0 ? [part] : [<mark key={at}>{found}</mark>, part]));
}

function classesOf({ colour, background, ...flags }: Style): string {
    const classes = Object.keys(flags).map((flag) => `term-${flag}`);
    if (typeof colour === "number") classes.push(`term-c${colour}`);
    if (typeof background === "number") classes.push(`term-b${background}`);
    return classes.join(" ");
}

/** Through the properties of the element's style, which the Content-Security-Policy allows. */
function coloursOf({ colour, background }: Style): Record<string, string> {
    const found: Record<string, string> = {};
    if (typeof colour === "string") found["--term-c"] = colour;
    if (typeof background === "string") found["--term-b"] = background;
    return found;
}
