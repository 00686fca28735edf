/** What takes the browser time that is better spent on the first picture. */
import type { Port } from "./ports";
import type { Scheduler } from "./scheduler";

/** A port that is made after the next picture from the first message on, which waits so long. */
export class LatePort implements Port {
    readonly #make: () => Port;
    readonly #scheduler: Scheduler;
    readonly #calls: ((port: Port) => void)[] = [];
    #isWanted = false;
    #port: Port | undefined;

    constructor(make: () => Port, scheduler: Scheduler) {
        this.#make = make;
        this.#scheduler = scheduler;
    }

    addEventListener(type: "message" | "close", listener: (event: { data: unknown }) => void): void {
        this.#call((port) => port.addEventListener(type as "message", listener));
    }

    start(): void {
        this.#call((port) => port.start());
    }

    postMessage(message: unknown): void {
        this.#call((port) => port.postMessage(message));
        if (this.#isWanted) return;
        this.#isWanted = true;
        this.#scheduler.frame(() => this.#scheduler.after(0, () => this.#open()));
    }

    #call(call: (port: Port) => void): void {
        if (this.#port) call(this.#port);
        else this.#calls.push(call);
    }

    #open(): void {
        const port = (this.#port = this.#make());
        for (const call of this.#calls.splice(0)) call(port);
    }
}
