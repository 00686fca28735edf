import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fields } from "./http";
import { compareRows, orderOf, placeOf } from "./order";

const TYPE = { key: "id", order: "-id" };

/** Rows as they are sorted by a query, which has them in the wrong order. */
function sorted(order: string | readonly string[] | undefined, ...rows: Fields[]): readonly Fields[] {
    const by = orderOf(order === undefined ? {} : { order }, TYPE);
    return rows.reverse().sort((a, b) => compareRows(by, a, b));
}

test("the type's own order, where none is named", () => {
    expect(orderOf({}, TYPE)).toEqual([{ field: "id", descending: true }]);
});

test("the key follows in the direction of the last field, once", () => {
    const found = [orderOf({ order: ["a", "-b"] }, TYPE), orderOf({ order: ["-id", "a"] }, TYPE)];
    expect(found.map((order) => order.map(({ field, descending }) => (descending ? `-${field}` : field)))).toEqual([
        ["a", "-b", "-id"],
        ["-id", "a"],
    ]);
});

test("nulls come first ascending and last descending", () => {
    const [none, zero, one] = [
        { id: 3, a: null },
        { id: 2, a: 0 },
        { id: 1, a: 1 },
    ];
    expect(sorted("a", none, zero, one)).toEqual([none, zero, one]);
    expect(sorted("-a", one, zero, none)).toEqual([one, zero, none]);
});

test("false comes before true, texts go by code point", () => {
    const rows = ["", "A", "a", "ab", "é", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{1f600}"].map((a, id) => ({
        id,
        a,
    }));
    expect(sorted("a", ...rows)).toEqual(rows);
    const flags = [false, true].map((a, id) => ({ id, a }));
    expect(sorted("a", ...flags)).toEqual(flags);
});

test("texts go by code point, whatever they are", () => {
    const text = fc.string({ unit: "binary", maxLength: 5 });
    const by = orderOf({ order: "a" }, TYPE);
    fc.assert(
        fc.property(text, text, (a, b) => {
            const bytes = Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
            expect(Math.sign(compareRows(by, { id: 1, a }, { id: 1, a: b }))).toBe(bytes);
        }),
    );
});

test("a place is where the row is, or belongs", () => {
    const rows = [9, 7, 5].map((id) => ({ id }));
    expect([10, 9, 8, 5, 1].map((id) => placeOf(orderOf({}, TYPE), rows, { id }))).toEqual([0, 0, 1, 2, 3]);
});
