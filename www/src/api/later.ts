/** Lists that are to be asked for at some time, those of about the same time together. */
import type { List } from "./list";
import type { Scheduler } from "./scheduler";

/** Milliseconds that one is asked for earlier so that it goes with another. */
const TOGETHER = 500;

export class Later {
    readonly #scheduler: Scheduler;
    readonly #ask: (list: List) => void;
    readonly #due = new Map<List, number>();
    #cancel: () => void = () => undefined;

    constructor(scheduler: Scheduler, ask: (list: List) => void) {
        this.#scheduler = scheduler;
        this.#ask = ask;
    }

    has(list: List): boolean {
        return this.#due.has(list);
    }

    set(list: List, milliseconds: number): void {
        this.#due.set(list, this.#scheduler.now() + milliseconds);
        this.#arm();
    }

    delete(list: List): void {
        if (this.#due.delete(list)) this.#arm();
    }

    /** All at once, whenever they were due, or those that a condition chooses. */
    hurry(which: (list: List) => boolean = () => true): void {
        this.#take(which);
    }

    #take(which: (list: List, at: number) => boolean): void {
        const due = [...this.#due].filter(([list, at]) => which(list, at));
        for (const [list] of due) {
            this.#due.delete(list);
            this.#ask(list);
        }
        this.#arm();
    }

    #arm(): void {
        this.#cancel();
        if (!this.#due.size) return;
        const now = this.#scheduler.now();
        const first = Math.min(...this.#due.values());
        this.#cancel = this.#scheduler.after(Math.max(0, first - now), () =>
            this.#take((_, at) => at <= first + TOGETHER),
        );
    }
}
