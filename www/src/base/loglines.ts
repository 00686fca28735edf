/** Lines of logs, as the API gives them. */

export interface Line {
    /** Its beginning, if it is very long. */
    readonly text: string;
    /** What wrote it; undefined where that is not known. */
    readonly stream: "output" | "errors" | "header" | undefined;
    /** Of the whole line. */
    readonly length: number;
}

/** Characters of a line that are kept: what is longer is no text for people, or can be asked for. */
export const KEPT = 4000;

const STREAMS: Readonly<Record<string, Line["stream"]>> = { o: "output", e: "errors", h: "header" };

/** Each line of a content has its end; in logs of type `s` a letter before it says what wrote it. */
export function parseLines(content: string, type: string): Line[] {
    const prefixed = type === "s";
    const lines: Line[] = [];
    for (let at = 0; at < content.length;) {
        const found = content.indexOf("\n", at);
        const end = found < 0 ? content.length : found;
        const from = prefixed ? Math.min(at + 1, end) : at;
        const stream = prefixed ? STREAMS[content[at] ?? ""] : undefined;
        lines.push({ text: content.slice(from, Math.min(end, from + KEPT)), stream, length: end - from });
        at = end + 1;
    }
    return lines;
}
