/**
 * The rows of one live query in their order, and what deliveries do to them. No timers, no network.
 *
 * What is loaded goes up to a border: of what lies beyond it nothing is known, so it is kept out until it is loaded.
 * Deliveries may tell of things that are older than what was read; they go on until all is as new, because whoever
 * subscribes does so from the place that the rows were read at, or from an earlier one.
 */
import { Children } from "./children";
import type { Fields, Meta } from "./http";
import type { LiveQuery } from "./live";
import { compareRows, placeOf } from "./order";
import { merged } from "./same";

export interface Change {
    readonly record: Fields;
    /** It is none of those that are asked for any more. */
    readonly left?: boolean;
    /** The relation that it came by; undefined: it is a row itself. */
    readonly embedded?: string;
}

/** How many rows more than were asked for there may be before the last ones are dropped, as a part of those. */
const SLACK = 0.5;

export class Collection {
    readonly #live: LiveQuery<unknown>;
    readonly #children: readonly Children[];
    readonly #isLookedThrough: () => boolean;
    #rows: Fields[] = [];
    #byKey = new Map<unknown, Fields>();
    /** The last row that was loaded, whether or not it is still there; undefined: all are loaded. */
    #border: Fields | undefined;
    #next: string | undefined;
    #wanted = Infinity;
    #total: number | undefined;
    /** What was told while a page was on its way, which may be newer than the page. */
    #recorded: Change[] | undefined;

    /** `isLookedThrough`: whether somebody may look at the last rows, so that none is dropped. */
    constructor(live: LiveQuery<unknown>, isLookedThrough: () => boolean = () => false) {
        this.#live = live;
        this.#isLookedThrough = isLookedThrough;
        this.#children = live.embedded.map((embedded) => new Children(embedded));
    }

    /** A list that nobody changes. */
    get rows(): readonly Fields[] {
        return this.#rows.slice();
    }

    /** How many rows there are to be when all is asked for anew; Infinity: all that there are. */
    get wanted(): number {
        return this.#wanted;
    }

    /** Whether some rows that were read anew take the place of all that are there, the last one included if somebody may look at it. */
    isCoveredBy(rows: readonly Fields[]): boolean {
        if (this.#wanted !== Infinity && rows.length < this.#wanted) return false;
        const [last, old] = [rows.at(-1), this.#rows.at(-1)];
        return !last || !old || !this.#isLookedThrough() || compareRows(this.#live.order, last, old) >= 0;
    }

    /** More from now on: where the next page is not known any more, all is to be asked for anew. */
    grow(by: number): void {
        this.#wanted += by;
    }

    /** How many there are, on all pages, as far as it is known. */
    get total(): number | undefined {
        return this.#border ? this.#total : this.#rows.length;
    }

    /** Whether there are rows beyond those that are loaded. */
    get more(): boolean {
        return this.#border !== undefined;
    }

    /** The call that gives them; undefined if there are none, or if it has to be asked for all anew, with more of them. */
    get next(): string | undefined {
        return this.#next;
    }

    /** All anew. Rows that are as they were stay the same objects. */
    replace(rows: readonly Fields[], meta: Meta): void {
        const old = this.#byKey;
        for (const children of this.#children) children.clear();
        this.#recorded = undefined;
        this.#rows = rows.map((row) => merged(old.get(this.#keyOf(row)), row));
        this.#byKey = new Map(this.#rows.map((row) => [this.#keyOf(row), row]));
        const limit = this.#live.limit ?? (meta.next ? rows.length : Infinity);
        this.#wanted = Math.max(limit, rows.length);
        this.#loadedTo(rows, meta);
    }

    /** A page was asked for. */
    startPage(): void {
        this.#recorded = [];
    }

    /** It does not come. */
    endPage(): void {
        this.#recorded = undefined;
    }

    /** The page that follows the rows that are loaded. */
    append(rows: readonly Fields[], meta: Meta): void {
        const recorded = this.#recorded ?? [];
        this.#recorded = undefined;
        for (const row of rows) if (!this.#byKey.has(this.#keyOf(row))) this.#insert(this.#withChildren(row));
        this.#wanted += rows.length;
        this.#loadedTo(rows, meta);
        for (const change of recorded) this.apply(change);
    }

    /** Returns whether anything is different now. */
    apply(change: Change): boolean {
        this.#recorded?.push(change);
        return change.embedded === undefined ? this.#applyRow(change) : this.#applyChild(change.embedded, change);
    }

    #applyRow({ record, left }: Change): boolean {
        const key = this.#keyOf(record);
        const old = this.#byKey.get(key);
        const total = this.#total;
        if (left) {
            if (this.#total !== undefined) this.#total -= 1;
            if (old) this.#drop(old);
            return old !== undefined || this.total !== total;
        }
        const row = old ? merged(old, { ...old, ...this.#fitting(record, old) }) : this.#fitting(record, old);
        if (row === old) return false;
        const isBeyond = this.#border !== undefined && compareRows(this.#live.order, row, this.#border) > 0;
        if (old && isBeyond) this.#drop(old);
        else if (old) this.#remove(old);
        if (!isBeyond) this.#insert(old ? row : this.#withChildren(row));
        if (!isBeyond && !old && this.#total !== undefined) this.#total += 1;
        this.#trim();
        return !isBeyond || old !== undefined;
    }

    #applyChild(word: string, { record, left }: Change): boolean {
        const children = this.#children.find((each) => each.word === word);
        const row = children && this.#byKey.get(children.parentOf(record));
        if (!row) {
            children?.keep(record, left ?? false);
            return false;
        }
        const changed = children.applied(row, record, left ?? false);
        if (changed === row) return false;
        this.#rows[this.#indexOf(row)] = changed;
        this.#byKey.set(this.#keyOf(row), changed);
        return true;
    }

    /** A row that comes in brings its children; what was told of them before may be newer. */
    #withChildren(row: Fields): Fields {
        return this.#children.reduce((found, children) => children.adopted(found, this.#keyOf(row)), row);
    }

    /**
     * What of a record is taken over. Events may say more than a list does, as whom to notify of a worker that is missing.
     * The children of a row that is there are kept by their own events, and may be newer than what comes with the row's.
     */
    #fitting(record: Fields, old: Fields | undefined): Fields {
        const like = old ?? this.#rows[0];
        // What has no key is one thing with whatever names it may come to have: the properties of a build.
        if (!like || !this.#live.key) return record;
        const isChild = (name: string) => old !== undefined && this.#children.some(({ word }) => word === name);
        return Object.fromEntries(Object.entries(record).filter(([name]) => name in like && !isChild(name)));
    }

    #insert(row: Fields): void {
        this.#rows.splice(placeOf(this.#live.order, this.#rows, row), 0, row);
        this.#byKey.set(this.#keyOf(row), row);
    }

    /** What is known of its children may be newer than what they come back with. */
    #drop(row: Fields): void {
        this.#remove(row);
        for (const children of this.#children) children.keepThoseOf(row);
    }

    #remove(row: Fields): void {
        this.#rows.splice(this.#indexOf(row), 1);
        this.#byKey.delete(this.#keyOf(row));
    }

    /** By search; where the server's order is another, as by a field that events lack, by looking at each. */
    #indexOf(row: Fields): number {
        const place = placeOf(this.#live.order, this.#rows, row);
        return this.#rows[place] === row ? place : this.#rows.indexOf(row);
    }

    #loadedTo(rows: readonly Fields[], meta: Meta): void {
        this.#next = meta.next;
        // What the server goes on from, which may be a row that is held elsewhere as it was before.
        this.#border = meta.next ? rows.at(-1) : undefined;
        this.#total = meta.total ?? meta.total_at_least ?? this.#rows.length;
    }

    /** A list that grows at its beginning for days loses its end, which can be loaded again. */
    #trim(): void {
        // What follows the rows of now is on its way.
        if (this.#recorded || this.#rows.length <= this.#wanted * (1 + SLACK) || this.#isLookedThrough()) return;
        for (const row of this.#rows.splice(this.#wanted)) this.#byKey.delete(this.#keyOf(row));
        this.#border = this.#rows.at(-1);
        this.#next = undefined;
    }

    #keyOf(row: Fields): unknown {
        return row[this.#live.key];
    }
}
