/** The order of lists, as the server has it. */
import type { Fields } from "./http";
import { valuesOf, type Query } from "./query";

export interface By {
    readonly field: string;
    readonly descending: boolean;
}

/** What a query orders by. The key always follows, in the direction of the last, so that an order is total. */
export function orderOf(query: Query, type: { readonly key: string; readonly order: string }): readonly By[] {
    const given = valuesOf(query, "order").map(String);
    const order = (given.length ? given : [type.order]).map((text) => {
        const descending = text.startsWith("-");
        return { field: descending ? text.slice(1) : text, descending };
    });
    if (order.some(({ field }) => field === type.key)) return order;
    return [...order, { field: type.key, descending: order.at(-1)?.descending ?? false }];
}

/** Below zero where `a` comes first. */
export function compareRows(order: readonly By[], a: Fields, b: Fields): number {
    for (const { field, descending } of order) {
        const found = compareValues(a[field] ?? null, b[field] ?? null);
        if (found) return descending ? -found : found;
    }
    return 0;
}

/** Null comes before everything; false before true; texts go by code point. */
function compareValues(a: unknown, b: unknown): number {
    if (a === b) return 0;
    if (a === null) return -1;
    if (b === null) return 1;
    if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
    return Number(a) - Number(b);
}

/** JavaScript's own comparison is by UTF-16 units, where characters beyond U+FFFF come before U+E000 to U+FFFF. */
function compareTexts(a: string, b: string): number {
    const end = Math.min(a.length, b.length);
    for (let at = 0; at < end; at++) {
        const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
        if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
    }
    return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
    return unit >= 0xd800 && unit < 0xe000;
}

/** Where a row belongs in a list that is in order: the first place whose row does not come before it. */
export function placeOf(order: readonly By[], rows: readonly Fields[], row: Fields): number {
    let [low, high] = [0, rows.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (compareRows(order, rows[middle] ?? {}, row) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}
