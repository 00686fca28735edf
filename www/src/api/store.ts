/** All live lists of a page, by what they ask for: whoever wants the same has the same list. */
import { computed, signal, type ReadonlySignal } from "@preact/signals-core";
import { grouped } from "../base/grouped";
import { ApiError, type Api } from "./http";
import { Later } from "./later";
import { List, type Behind, type LiveList, type Upkeep } from "./list";
import type { Link, Status } from "./link";
import type { LiveQuery } from "./live";
import type { Scheduler } from "./scheduler";

/** Milliseconds that a list is kept when nobody wants it any more, so that the way back is short. */
const KEPT = 10_000;

interface Kept {
    readonly list: List;
    holders: number;
    cancel: () => void;
}

export class Store implements Upkeep {
    readonly api: Api;
    readonly link: Link;
    readonly scheduler: Scheduler;
    readonly isLookedThrough: () => boolean;
    readonly share: number;
    readonly later: Later;
    readonly #kept = new Map<string, Kept>();
    readonly #asking = new Set<List>();
    readonly #stopWatching: () => void;
    readonly #behind = signal<ReadonlyMap<List, Behind>>(new Map());

    constructor(api: Api, link: Link, scheduler: Scheduler, isLookedThrough: () => boolean = () => false) {
        this.api = api;
        this.link = link;
        this.scheduler = scheduler;
        this.isLookedThrough = isLookedThrough;
        this.share = scheduler.random();
        this.later = new Later(scheduler, (list) => this.ask(list));
        // What was tried while the server was away need not wait for long now that it is back.
        this.#stopWatching = link.status.subscribe(({ state }) => {
            if (state === "live") this.later.hurry((list) => list.isFailing);
        });
    }

    /** How up to date all lists are. */
    readonly status: ReadonlySignal<Status> = computed(() => {
        const status = this.link.status.value;
        const behind = [...this.#behind.value.values()];
        if (status.state !== "live" || !behind.length) return status;
        const since = Math.min(...behind.map((each) => each.since));
        return { state: behind.some(({ failed }) => failed) ? "stale" : "reconnecting", since };
    });

    /** A list, which is asked for if it is not there: all that are wanted in a moment in one call, but for what is apart. It is kept for some seconds, unless it is held. */
    want<Row>(live: LiveQuery<Row>): LiveList<Row> {
        let kept = this.#kept.get(live.id);
        if (!kept) {
            kept = { list: new List(live, this), holders: 0, cancel: () => undefined };
            this.#kept.set(live.id, kept);
            this.ask(kept.list);
        }
        this.#keep(live.id, kept);
        // The id has the path and all parameters, from which the type of the rows follows.
        return kept.list as LiveList<unknown> as LiveList<Row>;
    }

    /** Keep a list until the function is called that this returns. */
    hold(live: LiveQuery<unknown>): () => void {
        this.want(live);
        const kept = this.#kept.get(live.id);
        if (!kept) return () => undefined;
        kept.holders += 1;
        kept.cancel();
        let isHeld = true;
        return () => {
            if (!isHeld) return;
            isHeld = false;
            kept.holders -= 1;
            this.#keep(live.id, kept);
        };
    }

    /** Somebody is back, or the network is: whatever waits for a time tries now. */
    wake(): void {
        this.link.wake();
        this.later.hurry();
    }

    /** Nothing is asked for or told any more. */
    close(): void {
        for (const { list, cancel } of this.#kept.values()) {
            cancel();
            list.close();
        }
        this.#kept.clear();
        this.#stopWatching();
        this.link.close();
    }

    ask(list: List): void {
        this.#asking.add(list);
        if (this.#asking.size === 1) queueMicrotask(() => this.#list());
    }

    behind(list: List, behind: Behind | undefined): void {
        if (!behind && !this.#behind.peek().has(list)) return;
        const all = new Map(this.#behind.peek());
        if (behind) all.set(list, behind);
        else all.delete(list);
        this.#behind.value = all;
    }

    #list(): void {
        const lists = [...this.#asking].filter((list) => !list.isClosed);
        this.#asking.clear();
        for (const batch of grouped(lists, ({ isApart }) => isApart).values()) void this.#listAll(batch);
    }

    async #listAll(lists: readonly List[]): Promise<void> {
        try {
            const { answers, cursor } = await this.api.batch(lists.map((list) => list.call));
            for (const [index, list] of lists.entries()) {
                const answer = answers[index];
                if (answer instanceof ApiError) list.failed(answer);
                else if (answer) void list.listed(answer, cursor);
            }
        } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            for (const list of lists) list.failed(error);
        }
    }

    #keep(id: string, kept: Kept): void {
        kept.cancel();
        if (kept.holders) return;
        kept.cancel = this.scheduler.after(KEPT, () => {
            this.#kept.delete(id);
            kept.list.close();
        });
    }
}
