/** One live list: asked for, kept right by its subscriptions, listed anew where they cannot go on. */
import { batch, signal, type ReadonlySignal } from "@preact/signals-core";
import { Collection } from "./collection";
import { ApiError, type Answer, type Api, type Ask, type Fields } from "./http";
import type { Later } from "./later";
import type { Link, Subscription, Told } from "./link";
import type { Follow, LiveQuery } from "./live";
import type { Scheduler } from "./scheduler";

export interface LiveList<Row> {
    /** A new array when something has changed, at most once for each picture. Unchanged rows stay the same objects. */
    readonly rows: ReadonlySignal<readonly Row[]>;
    /** Once ready it stays so while it is listed anew; failed: see `error`. */
    readonly state: ReadonlySignal<"loading" | "ready" | "failed">;
    readonly error: ReadonlySignal<ApiError | undefined>;
    /** How many there are beside those that are loaded, too: about, if there are more. */
    readonly total: ReadonlySignal<number | undefined>;
    /** Whether there are more than are loaded. */
    readonly more: ReadonlySignal<boolean>;
    /** Fails with ApiError; then it can be tried again. */
    loadMore(): Promise<void>;
    /** The place in the stream of events that it was listed at: for what else is to be followed from there. */
    readonly cursor: ReadonlySignal<string | undefined>;
    /** It is ready, or has failed, for the first time. */
    readonly settled: Promise<void>;
}

/** What does not show how things are now. */
export interface Behind {
    /** Seconds since the epoch. */
    readonly since: number;
    /** It was tried to list it anew. */
    readonly failed: boolean;
}

/** What a list has of its store. */
export interface Upkeep {
    readonly api: Api;
    readonly link: Link;
    readonly scheduler: Scheduler;
    /** Whether anything is scrolled, so that somebody may look at what is further on in lists. */
    readonly isLookedThrough: () => boolean;
    /** From 0 to 1: what spreads clients over time. The same for all lists of one, so that they go together. */
    readonly share: number;
    /** Have it listed, together with others. */
    ask(list: List): void;
    readonly later: Later;
    behind(list: List, behind: Behind | undefined): void;
}

/** Milliseconds. Where all clients have to list anew, they do not do so at the same moment. */
const SPREAD = 10_000;
/** For what happens at the same time, and between two times that a list is asked for anew because of what happens. */
const TOGETHER = 200;
const PACE = 4_000;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 30_000;
/** Of one call. */
const MOST_ROWS = 10_000;
const MORE = 100;

export class List implements LiveList<Fields> {
    readonly rows = signal<readonly Fields[]>([]);
    readonly state = signal<"loading" | "ready" | "failed">("loading");
    readonly error = signal<ApiError | undefined>(undefined);
    readonly total = signal<number | undefined>(undefined);
    readonly more = signal(false);
    readonly cursor = signal<string | undefined>(undefined);
    readonly settled: Promise<void>;
    readonly #live: LiveQuery<unknown>;
    readonly #upkeep: Upkeep;
    readonly #collection: Collection;
    readonly #closing = new AbortController();
    #settle: () => void = () => undefined;
    #subscriptions: Subscription[] = [];
    #isDrawing = false;
    #loading: Promise<void> | undefined;
    /** Counts the times that it was listed: a page of an earlier time is of no use. */
    #listings = 0;
    /** Counts the answers: one that is still coming is of no use when there is another. */
    #asked = 0;
    #waiting: ((error: ApiError | undefined) => void)[] = [];
    #listedAt = 0;
    #retries = 0;
    #since: number | undefined;

    constructor(live: LiveQuery<unknown>, upkeep: Upkeep) {
        this.#live = live;
        this.#upkeep = upkeep;
        this.#collection = new Collection(live, () => live.endless && upkeep.isLookedThrough());
        this.settled = new Promise((resolve) => (this.#settle = resolve));
    }

    /**
     * The call that lists it: when it is not the first time, as many rows as there are by now. Of rows that others are
     * embedded in, the server may not send so many at once: they come in pages.
     */
    get call(): Ask {
        const { path, query } = this.#live;
        const { wanted } = this.#collection;
        const isPaged = wanted === Infinity || "expand" in query;
        return [path, isPaged ? query : { ...query, limit: Math.min(wanted, MOST_ROWS) }];
    }

    get isApart(): boolean {
        return this.#live.apart;
    }

    /** Its last call failed, which is tried again. */
    get isFailing(): boolean {
        return this.#retries > 0;
    }

    get isClosed(): boolean {
        return this.#closing.signal.aborted;
    }

    close(): void {
        this.#closing.abort();
        this.#unfollow();
        this.#upkeep.later.delete(this);
        this.#upkeep.behind(this, undefined);
    }

    /** The answer to its call. What is shown stays until all has come that is to take its place. */
    async listed(answer: Answer, cursor: string | undefined): Promise<void> {
        const asked = (this.#asked += 1);
        try {
            let all = answer;
            while (this.#isShort(all)) all = await this.#further(all);
            if (asked === this.#asked) this.#replace(all, cursor);
        } catch (error) {
            if (this.isClosed || asked !== this.#asked) return;
            if (!(error instanceof ApiError)) throw error;
            this.failed(error);
        }
    }

    #isShort({ rows, meta }: Answer): boolean {
        const isFirst = this.#listings === 0;
        return !isFirst && meta.next !== undefined && rows.length < MOST_ROWS && !this.#collection.isCoveredBy(rows);
    }

    /** With the page that follows. */
    async #further({ rows, meta }: Answer): Promise<Answer> {
        const page = await this.#upkeep.api.get(meta.next ?? "", {}, this.#closing.signal);
        // A row that has moved meanwhile is there again.
        const { key } = this.#live;
        const keys = new Set(page.rows.map((row) => row[key]));
        return { rows: [...rows.filter((row) => !keys.has(row[key])), ...page.rows], meta: page.meta };
    }

    #replace({ rows, meta }: Answer, cursor: string | undefined): void {
        if (this.isClosed) return;
        this.#listings += 1;
        this.#listedAt = this.#upkeep.scheduler.now();
        this.#retries = 0;
        this.#upkeep.later.delete(this);
        this.#unfollow();
        this.#collection.replace(rows, meta);
        this.#follow(cursor);
        batch(() => {
            this.state.value = "ready";
            this.cursor.value = cursor;
            this.error.value = undefined;
            this.#draw();
        });
        this.#settled(undefined);
    }

    /** Its call failed: it is tried again, if that can help. */
    failed(error: ApiError): void {
        if (this.isClosed) return;
        const wasReady = this.#listings > 0;
        if (wasReady || error.passes) this.#setBehind(wasReady);
        batch(() => {
            this.error.value = error;
            if (!wasReady || !error.passes) this.state.value = "failed";
        });
        if (error.passes) {
            const delay = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.#retries);
            this.#retries += 1;
            this.#upkeep.later.set(this, (delay * (1 + this.#upkeep.share)) / 2);
        }
        this.#settled(error);
    }

    loadMore(): Promise<void> {
        if (!this.#collection.more || this.isClosed) return Promise.resolve();
        this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
        return this.#loading;
    }

    async #load(): Promise<void> {
        const collection = this.#collection;
        if (collection.next === undefined) {
            collection.grow(this.#live.limit ?? MORE);
            this.#upkeep.ask(this);
            const error = await new Promise<ApiError | undefined>((resolve) => this.#waiting.push(resolve));
            if (error) throw error;
            return;
        }
        const listings = this.#listings;
        collection.startPage();
        try {
            const { rows, meta } = await this.#upkeep.api.get(collection.next, {}, this.#closing.signal);
            if (listings !== this.#listings) return;
            collection.append(rows, meta);
            this.#draw();
        } catch (error) {
            if (listings === this.#listings) collection.endPage();
            if (!this.isClosed) throw error;
        }
    }

    #settled(error: ApiError | undefined): void {
        this.#settle();
        for (const tell of this.#waiting.splice(0)) tell(error);
    }

    #follow(since: string | undefined): void {
        const { follow, embedded, again, every } = this.#live;
        if (every !== undefined) this.#upkeep.later.set(this, every * 1000);
        const isFollowed = since !== undefined || !(follow ?? again);
        this.#setBehind(isFollowed ? undefined : true);
        if (!isFollowed) return;
        const { link } = this.#upkeep;
        const all: readonly (Follow & { word?: string })[] = follow ? [follow, ...embedded] : [];
        this.#subscriptions = all.map(({ topic, query, word }) =>
            link.subscribe({ topic, query, since }, (told) => this.#take(told, word)),
        );
        if (again) this.#subscriptions.push(link.subscribe({ ...again, since }, (told) => this.#takeAgain(told)));
    }

    #unfollow(): void {
        for (const subscription of this.#subscriptions.splice(0)) subscription.close();
    }

    #take(told: Told, embedded: string | undefined): void {
        switch (told.kind) {
            case "delivery": {
                const { record, left } = told.delivery;
                const change = embedded === undefined ? { record, left } : { record, left, embedded };
                if (this.#collection.apply(change)) this.#drawSoon();
                return;
            }
            case "gone":
                this.#unfollow();
                this.#setBehind(false);
                this.#upkeep.later.set(this, told.everybody ? SPREAD * this.#upkeep.share : 0);
                return;
            case "failed":
                this.#unfollow();
                // Of what does not exist nothing is told; what was listed says so, and is right.
                if (told.problem.status !== 404) this.failed(new ApiError(told.problem));
        }
    }

    /** Something has happened that shows only when it is listed anew. */
    #takeAgain(told: Told): void {
        const { later, scheduler } = this.#upkeep;
        if (told.kind !== "delivery") this.#take(told, undefined);
        else if (!later.has(this)) later.set(this, Math.max(TOGETHER, this.#listedAt + PACE - scheduler.now()));
    }

    #setBehind(failed: boolean | undefined): void {
        this.#since = failed === undefined ? undefined : (this.#since ?? this.#upkeep.scheduler.now() / 1000);
        this.#upkeep.behind(
            this,
            this.#since === undefined ? undefined : { since: this.#since, failed: failed ?? false },
        );
    }

    #drawSoon(): void {
        if (this.#isDrawing) return;
        this.#isDrawing = true;
        this.#upkeep.scheduler.frame(() => {
            if (this.#isDrawing) this.#draw();
        });
    }

    #draw(): void {
        this.#isDrawing = false;
        batch(() => {
            this.rows.value = this.#collection.rows;
            this.total.value = this.#collection.total;
            this.more.value = this.#collection.more;
        });
    }
}
