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

/** `1 build`, `3 builds`; of a noun whose plural is not made by an s it is given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
    return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
}

/** As much of a revision as tells it apart. Numbers, and names of releases, stay whole. */
export function shortRevision(revision: string): string {
    return /^[0-9a-f]{13,}$/.test(revision) ? revision.slice(0, 10) : revision;
}

const collator = once(() => new Intl.Collator(undefined, { numeric: true }));

/** The order of names as the reader expects it: numbers in them by what they count. */
export function compareNames(one: string, other: string): number {
    return collator().compare(one, other);
}
