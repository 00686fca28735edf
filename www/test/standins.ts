/** Time and connections that do what a test says. */
import { signal } from "@preact/signals-core";
import type { Link, Status, Told, Wanted } from "../src/api/link";
import type { Scheduler } from "../src/api/scheduler";

/** A clock that stands still until somebody moves it. Pictures are drawn at the end of the turn. */
export class Clock implements Scheduler {
    /** What `random` gives. */
    share = 0.5;
    #now = 1_800_000_000_000;
    readonly #timers = new Map<() => void, number>();

    /** How much waits for a time to come. */
    get waiting(): number {
        return this.#timers.size;
    }

    now(): number {
        return this.#now;
    }

    after(milliseconds: number, call: () => void): () => void {
        const timer = () => call();
        this.#timers.set(timer, this.#now + milliseconds);
        return () => void this.#timers.delete(timer);
    }

    frame(call: () => void): void {
        queueMicrotask(call);
    }

    random(): number {
        return this.share;
    }

    /** Each thing that waits happens at its time, also what waits only since another has happened. */
    advance(milliseconds: number): void {
        const end = this.#now + milliseconds;
        for (;;) {
            const [next] = [...this.#timers].filter(([, at]) => at <= end).sort(([, a], [, b]) => a - b);
            if (!next) break;
            const [timer, at] = next;
            this.#now = Math.max(this.#now, at);
            this.#timers.delete(timer);
            timer();
        }
        this.#now = end;
    }
}

/** A connection that tells what the test says. */
export class Source implements Link {
    readonly status = signal<Status>({ state: "live" });
    readonly open = new Map<Wanted, (told: Told) => void>();
    woken = 0;

    subscribe(wanted: Wanted, tell: (told: Told) => void) {
        this.open.set(wanted, tell);
        return { close: () => void this.open.delete(wanted) };
    }

    wake(): void {
        this.woken += 1;
    }

    close(): void {
        this.open.clear();
    }

    tell(told: Told): void {
        for (const tell of [...this.open.values()]) tell(told);
    }

    /** The places after which all that are subscribed are told. */
    get since() {
        return [...this.open.keys()].map(({ since }) => since);
    }
}

export function deliveryOf(cursor: string, record: Readonly<Record<string, unknown>> = { buildid: 1 }): Told {
    return { kind: "delivery", delivery: { topic: "builds/1/new", record, left: false, cursor, extra: {} } };
}
