/** Texts as they are shown in a line. */
import { once } from "./once";

/** Who it was, without an address: `Ada <ada@example.org>` is `Ada`. */
export function personOf(author: string): string {
    return author.replace(/\s*<[^<>]*>\s*$/, "") || author;
}

/** What a commit is about. */
export function firstLine(text: string): string {
    return text.trimStart().split(/[\r\n]/, 1)[0] ?? "";
}

/** Nobody reads more of a name or a state, which may be thousands of letters long, in a line. */
const LONG = 200;

export function cutText(text: string): string {
    return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}

/** `1 build`, `3 builds`; of a noun whose plural is not made by an s it is given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
    return `${digits(count)} ${count === 1 ? noun : plural}`;
}

/** `1,234`, and nothing of what is not known. Not by `Intl`: the first of what that has takes a browser some 20 ms to make. */
export function digits(count: number | undefined): string {
    return String(count ?? "").replace(/\B(?=(\d{3})+$)/g, ",");
}

/** As much of a revision as tells it apart. Numbers, and names of releases, stay whole. */
export function shortRevision(revision: string): string {
    return /^[0-9a-f]{13,}$/.test(revision) ? revision.slice(0, 10) : revision;
}

const collator = once(() => new Intl.Collator(undefined, { numeric: true }));

/** Characters of ASCII in the order of dictionaries (CLDR's root); capital letters stand where small ones do. */
const ORDER = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz";
const WEIGHTS = Uint8Array.from({ length: 128 }, (_, code) => ORDER.indexOf(String.fromCharCode(code).toLowerCase()));

/** The order of names as the reader expects it: numbers in them by what they count. */
export function compareNames(one: string, other: string): number {
    // The first collator takes a browser some 10 ms to make, and most names need none: this is the same order.
    if (!isPlain(one) || !isPlain(other)) return collator().compare(one, other);
    let [at, there, byCase] = [0, 0, 0];
    while (at < one.length && there < other.length) {
        if (isDigit(one, at) && isDigit(other, there)) {
            const [mine, theirs] = [numberAt(one, at), numberAt(other, there)];
            const order = mine.digits.length - theirs.digits.length || byCode(mine.digits, theirs.digits);
            if (order !== 0) return order;
            [at, there] = [mine.end, theirs.end];
        } else {
            const [mine, theirs] = [one.charCodeAt(at++), other.charCodeAt(there++)];
            const order = (WEIGHTS[mine] ?? 0) - (WEIGHTS[theirs] ?? 0);
            if (order !== 0) return order;
            // Small letters come first, where that is all the difference.
            byCase ||= theirs - mine;
        }
    }
    return one.length - at - (other.length - there) || byCase;
}

function isPlain(text: string): boolean {
    return /^[ -~]*$/.test(text);
}

function isDigit(text: string, at: number): boolean {
    const code = text.charCodeAt(at);
    return code >= 48 && code <= 57;
}

/** The number that stands there: without zeros before it, and where it ends. */
function numberAt(text: string, start: number): { digits: string; end: number } {
    let end = start;
    while (isDigit(text, end)) end++;
    while (start < end && text[start] === "0") start++;
    return { digits: text.slice(start, end), end };
}

function byCode(one: string, other: string): number {
    return one < other ? -1 : Number(one > other);
}
