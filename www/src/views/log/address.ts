/** Lines in an address: `#L10`, `#L10-L20`, counted from 1 as people do. Lines in here count from 0. */
import type { Range } from "./geometry";

export function readLines(hash: string): Range | undefined {
    const found = /^#L([1-9][0-9]{0,9})(?:-L?([1-9][0-9]{0,9}))?$/.exec(hash);
    if (!found) return undefined;
    const [one, other] = [Number(found[1]) - 1, Number(found[2] ?? found[1]) - 1];
    return { first: Math.min(one, other), last: Math.max(one, other) };
}

export function writeLines({ first, last }: Range): string {
    return first === last ? `#L${first + 1}` : `#L${first + 1}-L${last + 1}`;
}

/** What is meant by a click on a line's number: it, or with Shift all from the one before to it. */
export function chosen(line: number, extend: boolean, before: Range | undefined): Range {
    if (!extend || !before) return { first: line, last: line };
    return line < before.first ? { first: line, last: before.last } : { first: before.first, last: line };
}
