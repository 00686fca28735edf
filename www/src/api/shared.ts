/** A page's part in the connection that all pages of the browser share in a worker, or one of its own where there is none. */
import { effect, signal, type ReadonlySignal } from "@preact/signals-core";
import type { Link, Status, Subscription, Told, Wanted } from "./link";
import type { FromPage, FromWorker, Port } from "./ports";
import type { Scheduler } from "./scheduler";

/** Milliseconds that the worker has to begin, and to answer. */
const PATIENCE = 5_000;

interface Follower {
    readonly wanted: Wanted;
    readonly tell: (told: Told) => void;
    cursor: string | undefined;
    /** On the connection of its own. */
    own?: Subscription;
}

export class SharedLink implements Link {
    readonly #port: Port;
    readonly #scheduler: Scheduler;
    readonly #makeOwn: () => Link;
    readonly #status = signal<Status>({ state: "live" });
    readonly #followers = new Map<number, Follower>();
    #ids = 0;
    #cancel: (() => void) | undefined;
    #own: Link | undefined;

    /** `makeOwn`: a connection for this page alone, if the worker does not answer. */
    constructor(port: Port, makeOwn: () => Link, scheduler: Scheduler) {
        this.#port = port;
        this.#makeOwn = makeOwn;
        this.#scheduler = scheduler;
        port.addEventListener("message", ({ data }) => this.#hear(data as FromWorker));
        port.start();
    }

    get status(): ReadonlySignal<Status> {
        return this.#status;
    }

    subscribe(wanted: Wanted, tell: (told: Told) => void): Subscription {
        const id = (this.#ids += 1);
        const follower: Follower = { wanted, tell, cursor: wanted.since };
        this.#followers.set(id, follower);
        this.#start(id, follower);
        return {
            close: () => {
                if (!this.#followers.delete(id)) return;
                if (this.#own) follower.own?.close();
                else this.#say({ kind: "close", id });
            },
        };
    }

    wake(): void {
        if (this.#own) this.#own.wake();
        else this.#say({ kind: "wake" });
    }

    close(): void {
        this.#followers.clear();
        this.leave();
        this.#own?.close();
    }

    /** The page goes away. */
    leave(): void {
        this.#port.postMessage({ kind: "bye" } satisfies FromPage);
        this.#cancel?.();
        this.#cancel = undefined;
    }

    /** Somebody has come back to a page that the browser has kept as it was. */
    comeBack(): void {
        if (!this.#own) for (const [id, follower] of this.#followers) this.#start(id, follower);
        this.wake();
    }

    #start(id: number, follower: Follower): void {
        const wanted = { ...follower.wanted, since: follower.cursor };
        if (this.#own) follower.own = this.#own.subscribe(wanted, (told) => this.#take(id, told));
        else this.#say({ kind: "subscribe", id, wanted });
    }

    #say(message: FromPage): void {
        this.#port.postMessage(message);
        this.#cancel ??= this.#scheduler.after(PATIENCE, () => this.#standAlone());
    }

    #hear(said: FromWorker): void {
        if (this.#own) return;
        this.#cancel?.();
        this.#cancel = undefined;
        if (said.kind === "status") this.#status.value = said.status;
        else if (said.kind === "told") this.#take(said.id, said.told);
    }

    #take(id: number, told: Told): void {
        const follower = this.#followers.get(id);
        if (!follower) return;
        if (told.kind === "delivery") follower.cursor = told.delivery.cursor;
        else this.#followers.delete(id);
        follower.tell(told);
    }

    /** The worker could not be loaded, or has died. */
    #standAlone(): void {
        this.leave();
        const own = this.#makeOwn();
        this.#own = own;
        effect(() => {
            this.#status.value = own.status.value;
        });
        for (const [id, follower] of this.#followers) this.#start(id, follower);
    }
}
