/** What is embedded in rows by one relation, such as the steps of builds, and kept right by its own events. */
import type { Fields } from "./http";
import type { Embedded } from "./live";
import { placeOf } from "./order";
import { merged } from "./same";

/** Records whose row is not there (yet): the two subscriptions are not in step, but never far apart. */
const MOST_KEPT = 1000;

interface Told {
    readonly record: Fields;
    readonly left: boolean;
}

export class Children {
    readonly #embedded: Embedded;
    /** The newest that was told of each, by its key. */
    readonly #kept = new Map<unknown, Told>();

    constructor(embedded: Embedded) {
        this.#embedded = embedded;
    }

    get word(): string {
        return this.#embedded.word;
    }

    /** The key of the row that one belongs to. */
    parentOf(record: Fields): unknown {
        return record[this.#embedded.parent];
    }

    clear(): void {
        this.#kept.clear();
    }

    /** For a row that may come. */
    keep(record: Fields, left: boolean): void {
        const key = this.#keyOf(record);
        this.#kept.delete(key);
        this.#kept.set(key, { record, left });
        if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value);
    }

    /** For a row that has gone, and may come again. */
    keepThoseOf(row: Fields): void {
        for (const child of this.#of(row)) this.keep(child, false);
    }

    /** A row that has come, with what was kept for it. */
    adopted(row: Fields, parent: unknown): Fields {
        let found = row;
        for (const [key, { record, left }] of this.#kept) {
            if (this.parentOf(record) !== parent) continue;
            found = this.applied(found, record, left);
            this.#kept.delete(key);
        }
        return found;
    }

    /** A row with one of them changed, come or gone; the same object if nothing is different. */
    applied(row: Fields, record: Fields, left: boolean): Fields {
        const { word, order } = this.#embedded;
        const children = this.#of(row);
        const key = this.#keyOf(record);
        const old = children.find((each) => this.#keyOf(each) === key);
        const child = left ? undefined : merged(old, { ...old, ...record });
        if (child === old) return row;
        const rest = children.filter((each) => each !== old);
        if (child) rest.splice(placeOf(order, rest, child), 0, child);
        return { ...row, [word]: rest };
    }

    #of(row: Fields): readonly Fields[] {
        return (row[this.word] ?? []) as readonly Fields[];
    }

    #keyOf(record: Fields): unknown {
        return record[this.#embedded.key];
    }
}
