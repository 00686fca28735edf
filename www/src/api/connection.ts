/**
 * One WebSocket with all subscriptions, made again when it is lost: each goes on after the last thing that it was told.
 */
import { signal, type ReadonlySignal } from "@preact/signals-core";
import { parseFrame, PING, startFrame, stopFrame, type Frame } from "./frames";
import type { Link, Status, Subscription, Told, Wanted } from "./link";
import type { Scheduler } from "./scheduler";

/** What is used of a WebSocket. */
export interface Socket {
    addEventListener(type: "open" | "close", listener: () => void): void;
    addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
    send(text: string): void;
    close(): void;
}

/** Milliseconds. */
const OPENING = 10_000;
/** After so long without a word the server is asked for one: less than proxies allow, and than the server's 90 seconds. */
const SILENT = 25_000;
const ANSWER = 10_000;
/** The same for somebody who has just come back, and looks. */
const ANSWER_AWAKE = 3_000;
const FIRST_RETRY = 1_000;
/** However long the server was away: so soon after it is back, everything is shown that has happened. */
const LAST_RETRY = 10_000;
const STALE = 30_000;

interface Follower {
    readonly wanted: Wanted;
    readonly tell: (told: Told) => void;
    cursor: string | undefined;
    /** Of the last delivery on this socket. */
    number: number;
    /** On this socket the server follows. */
    started: boolean;
}

export class Connection implements Link {
    readonly #open: () => Socket;
    readonly #scheduler: Scheduler;
    readonly #status = signal<Status>({ state: "live" });
    readonly #followers = new Map<string, Follower>();
    #names = 0;
    #socket: Socket | undefined;
    #isOpen = false;
    #retries = 0;
    /** Calls off what waits for the time to come: to connect again, or for a sign of life. */
    #cancel: () => void = () => undefined;
    #cancelStale: () => void = () => undefined;

    constructor(open: () => Socket, scheduler: Scheduler) {
        this.#open = open;
        this.#scheduler = scheduler;
    }

    /** Live as long as nobody wants anything. */
    get status(): ReadonlySignal<Status> {
        return this.#status;
    }

    subscribe(wanted: Wanted, tell: (told: Told) => void): Subscription {
        const name = String((this.#names += 1));
        // On an open socket the start is on its way: what was just listed is not stale for that.
        const follower = { wanted, tell, cursor: wanted.since, number: 0, started: this.#isOpen };
        this.#followers.set(name, follower);
        if (this.#isOpen) this.#start(name, follower);
        else if (!this.#socket) this.wake();
        return {
            close: () => {
                if (this.#followers.delete(name) && this.#isOpen) this.#socket?.send(stopFrame(name, wanted.topic));
                this.#tellStatus();
            },
        };
    }

    wake(): void {
        if (this.#isOpen) this.#ask(ANSWER_AWAKE);
        else if (!this.#socket && this.#followers.size) this.#connect();
    }

    close(): void {
        this.#followers.clear();
        this.#drop();
        this.#cancel();
        this.#tellStatus();
    }

    #connect(): void {
        this.#tellStatus();
        const socket = this.#open();
        this.#socket = socket;
        this.#after(OPENING, () => this.#lost());
        // One that was given up may still say something.
        const isCurrent = () => this.#socket === socket;
        socket.addEventListener("open", () => isCurrent() && this.#opened());
        socket.addEventListener("close", () => isCurrent() && this.#lost());
        socket.addEventListener("message", ({ data }) => isCurrent() && this.#take(parseFrame(String(data))));
    }

    #opened(): void {
        this.#isOpen = true;
        for (const [name, follower] of this.#followers) this.#start(name, follower);
        this.#heard();
        this.#tellStatus();
    }

    #start(name: string, follower: Follower): void {
        follower.number = 0;
        const { topic, query } = follower.wanted;
        this.#socket?.send(startFrame(name, { topic, query, since: follower.cursor }));
    }

    #take(frame: Frame): void {
        this.#heard();
        const follower = frame.kind === "other" ? undefined : this.#followers.get(frame.name);
        if (frame.kind === "other" || !follower) return;
        switch (frame.kind) {
            case "event":
                if (frame.number !== follower.number + 1) {
                    this.#socket?.send(stopFrame(frame.name, follower.wanted.topic));
                    this.#end(frame.name, { kind: "gone", everybody: false });
                    return;
                }
                follower.number = frame.number;
                follower.cursor = frame.delivery.cursor;
                follower.tell({ kind: "delivery", delivery: frame.delivery });
                return;
            case "place":
                follower.cursor = frame.cursor;
                if (!frame.starts) return;
                follower.started = true;
                this.#tellStatus();
                return;
            case "over":
                if (frame.problem.status === 410) this.#end(frame.name, { kind: "gone", everybody: true });
                else if (frame.problem.status < 500) this.#end(frame.name, { kind: "failed", problem: frame.problem });
                // It may be better later, as when the database is away.
                else this.#lost();
        }
    }

    #end(name: string, told: Told): void {
        const follower = this.#followers.get(name);
        this.#followers.delete(name);
        follower?.tell(told);
        this.#tellStatus();
    }

    /** There was a sign of life. */
    #heard(): void {
        this.#after(SILENT, () => this.#ask(ANSWER));
    }

    #ask(patience: number): void {
        this.#socket?.send(PING);
        this.#after(patience, () => this.#lost());
    }

    #lost(): void {
        this.#drop();
        for (const follower of this.#followers.values()) follower.started = false;
        // Not all at the same moment, when a server begins that many waited for.
        const delay = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.#retries) * this.#scheduler.random();
        this.#retries += 1;
        this.#after(delay, () => this.wake());
        this.#tellStatus();
    }

    /** Does not wait for the browser to close it, which over a dead network takes minutes. */
    #drop(): void {
        const socket = this.#socket;
        this.#socket = undefined;
        this.#isOpen = false;
        socket?.close();
    }

    #after(milliseconds: number, call: () => void): void {
        this.#cancel();
        this.#cancel = this.#scheduler.after(milliseconds, call);
    }

    #tellStatus(): void {
        const followers = [...this.#followers.values()];
        const current = this.#status.value;
        if (followers.every(({ started }) => started)) {
            if (this.#isOpen) this.#retries = 0;
            this.#cancelStale();
            if (current.state !== "live") this.#status.value = { state: "live" };
        } else if (current.state === "live") {
            const since = this.#scheduler.now() / 1000;
            this.#status.value = { state: "reconnecting", since };
            this.#cancelStale = this.#scheduler.after(STALE, () => {
                this.#status.value = { state: "stale", since };
            });
        }
    }
}
