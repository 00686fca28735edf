/**
 * Lines that programs wrote for a terminal, as pieces of plain text with a style. Colours and the like are followed, all
 * other sequences left out; characters that would change how others are shown are named instead.
 */

export interface Style {
    /** 0 to 15: one of the sixteen that have names; a text: `#rrggbb`. */
    readonly colour?: number | string;
    readonly background?: number | string;
    readonly bold?: boolean;
    readonly dim?: boolean;
    readonly italic?: boolean;
    readonly underline?: boolean;
    readonly strike?: boolean;
    readonly inverse?: boolean;
}

export interface Piece {
    readonly text: string;
    readonly style?: Style;
    /** The name of a character that cannot be shown. */
    readonly control?: boolean;
}

/** Sequences: with parameters (of which `m` is a style), texts for the terminal, others; then single characters. */
const TOKEN =
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    /(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** The pieces of one line, whose style begins as usual whatever came before it. */
export function parseAnsi(line: string): readonly Piece[] {
    const { text, overwritten } = lastWritten(line);
    const pieces: Piece[] = overwritten ? [{ text: "^M", control: true }] : [];
    let style: Style | undefined;
    let at = 0;
    const add = (end: number) => {
        if (end > at) pieces.push(style ? { text: text.slice(at, end), style } : { text: text.slice(at, end) });
    };
    for (const match of text.matchAll(TOKEN)) {
        const [token, parameters, final] = match;
        add(match.index);
        at = match.index + token.length;
        if (final === "m") style = restyled(style, parameters ?? "");
        else if (token.length === 1) pieces.push({ text: nameOf(token), control: true });
    }
    add(text.length);
    return pieces;
}

/** The text that is seen, without any of that. */
export function plain(line: string): string {
    return parseAnsi(line)
        .map(({ text, control }) => (control ? "" : text))
        .join("");
}

/** A line that was written over from its beginning, as by what shows progress: the last state of it. */
function lastWritten(line: string): { text: string; overwritten: boolean } {
    const whole = line.replace(/\r+$/, "");
    const from = whole.lastIndexOf("\r") + 1;
    return { text: whole.slice(from), overwritten: from > 0 };
}

function nameOf(character: string): string {
    const code = character.charCodeAt(0);
    // As terminals show them, and in letters that every font has.
    if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`;
    return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

const FLAGS: Readonly<Record<number, Style>> = {
    1: { bold: true },
    2: { dim: true },
    3: { italic: true },
    4: { underline: true },
    7: { inverse: true },
    9: { strike: true },
    21: { underline: true },
    22: { bold: false, dim: false },
    23: { italic: false },
    24: { underline: false },
    27: { inverse: false },
    29: { strike: false },
};

/** Nobody writes more in one sequence. */
const MOST = 64;

function restyled(style: Style | undefined, parameters: string): Style | undefined {
    const codes = parameters.split(/[;:]/, MOST).map((code) => (code === "" ? 0 : Number(code)));
    let changed: Record<string, unknown> = { ...style };
    for (let at = 0; at < codes.length; at++) {
        const code = codes[at] ?? 0;
        if (code === 0) changed = {};
        else if (code === 38 || code === 48) {
            const { colour, taken } = extended(codes, at + 1, parameters.includes(":"));
            if (colour !== undefined) changed[code === 38 ? "colour" : "background"] = colour;
            at += taken;
        } else Object.assign(changed, FLAGS[code] ?? named(code));
    }
    const kept = Object.entries(changed).filter(([, value]) => value !== undefined && value !== false);
    return kept.length ? Object.fromEntries(kept) : undefined;
}

function named(code: number): Style {
    if (code >= 30 && code <= 37) return { colour: code - 30 };
    if (code >= 90 && code <= 97) return { colour: code - 82 };
    if (code >= 40 && code <= 47) return { background: code - 40 };
    if (code >= 100 && code <= 107) return { background: code - 92 };
    // What is not set any more is told from what never was by whoever puts them together.
    if (code === 39) return { colour: undefined } as unknown as Style;
    if (code === 49) return { background: undefined } as unknown as Style;
    return {};
}

/** `5;n` of 256 colours, `2;r;g;b` of all; with colons there may be a colour space before them. */
function extended(codes: readonly number[], at: number, colons: boolean): { colour?: number | string; taken: number } {
    if (codes[at] === 5) {
        const index = codes[at + 1] ?? -1;
        return isByte(index) ? { colour: index < 16 ? index : indexed(index), taken: 2 } : { taken: 2 };
    }
    if (codes[at] !== 2) return { taken: 1 };
    const skipped = colons && codes.length - at > 4 ? 2 : 1;
    const parts = codes.slice(at + skipped, at + skipped + 3);
    const taken = skipped + 3;
    return parts.length === 3 && parts.every(isByte) ? { colour: hex(parts), taken } : { taken };
}

function isByte(value: number): boolean {
    return Number.isInteger(value) && value >= 0 && value <= 255;
}

/** Beyond the sixteen: a cube of six steps each way, then greys. */
function indexed(index: number): string {
    if (index >= 232) return hex(Array<number>(3).fill(8 + (index - 232) * 10));
    const place = index - 16;
    return hex([36, 6, 1].map((size) => Math.floor(place / size) % 6).map((step) => (step ? 55 + step * 40 : 0)));
}

function hex(parts: readonly number[]): string {
    return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
