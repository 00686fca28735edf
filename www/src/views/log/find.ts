/** What is looked for in a log: at once in what is loaded, and by the server in all of it. */
import { effect, signal } from "@preact/signals";
import { plain } from "../../base/ansi";
import { ApiError } from "../../api/http";
import type { LogText } from "../../api/text";

/** What tells of an error, in most logs: parts of words, where they begin with a capital or not. Each takes the server as long again. */
const ERRORS = ["rror:", "rror]", "ERROR", "FAIL", "fatal:", "panic:", "::error", "Traceback (most recent call last)"];

/** Lines that are kept of those that hold a text. */
const MOST = 10_000;

export interface Progress {
    /** Of all lines, from 0 to 1. */
    readonly part: number;
    readonly done: boolean;
    readonly error?: ApiError;
}

export class Finder {
    readonly needle = signal("");
    /** In order. */
    readonly lines = signal<readonly number[]>([]);
    /** The one of them that was gone to last. */
    readonly current = signal<number | undefined>(undefined);
    readonly progress = signal<Progress | undefined>(undefined);
    readonly #text: LogText;
    #slot = new AbortController();
    #stop: () => void = () => undefined;

    constructor(text: LogText) {
        this.#text = text;
    }

    close(): void {
        this.#slot.abort();
        this.#stop();
    }

    /** What was looked for before is not any more. */
    async find(needle: string): Promise<void> {
        this.close();
        const { signal } = (this.#slot = new AbortController());
        this.needle.value = needle;
        this.current.value = undefined;
        if (!needle) {
            this.lines.value = [];
            this.progress.value = undefined;
            return;
        }
        this.lines.value = this.#text.loaded((text) => plain(text).includes(needle));
        this.progress.value = { part: 0, done: false };
        const seen = new Set(this.lines.peek());
        const add = (numbers: readonly number[]) => {
            for (const number of numbers) seen.add(number);
            if (seen.size !== this.lines.peek().length) this.lines.value = [...seen].sort((a, b) => a - b);
        };
        try {
            for await (const { lines, searched, complete } of this.#text.search([needle], 0, MOST, signal)) {
                add(lines.map(({ number }) => number));
                this.progress.value = { part: searched / Math.max(1, this.#text.count.peek()), done: complete };
            }
            this.progress.value = { part: 1, done: true };
            this.#goOn(needle, add);
        } catch (error) {
            if (error instanceof ApiError) this.progress.value = { part: 0, done: true, error };
        }
    }

    /** Also in lines that come. */
    #goOn(needle: string, add: (numbers: readonly number[]) => void): void {
        let from = this.#text.count.peek();
        this.#stop = effect(() => {
            const to = this.#text.count.value;
            const found = [];
            for (; from < to; from++) if (plain(this.#text.line(from)?.text ?? "").includes(needle)) found.push(from);
            add(found);
        });
    }

    /** The line to go to: the next one after the current one, or of all that are seen from `from` on; around at the end. */
    step(by: 1 | -1, from: number): number | undefined {
        const lines = this.lines.peek();
        const at = this.current.peek() ?? from - (by > 0 ? 0.5 : -0.5);
        const next = by > 0 ? lines.find((line) => line > at) : lines.findLast((line) => line < at);
        this.current.value = next ?? lines.at(by > 0 ? 0 : -1);
        return this.current.peek();
    }
}

/** Looks for the first error of a log. */
export class FirstError {
    readonly progress = signal<Progress | undefined>(undefined);
    /** Undefined until it is found. */
    readonly line = signal<number | undefined>(undefined);
    readonly #text: LogText;
    #slot = new AbortController();

    constructor(text: LogText) {
        this.#text = text;
    }

    close(): void {
        this.#slot.abort();
    }

    async find(): Promise<number | undefined> {
        this.close();
        const { signal } = (this.#slot = new AbortController());
        this.progress.value = { part: 0, done: false };
        try {
            for await (const { lines, searched } of this.#text.search(ERRORS, 0, 1, signal)) {
                this.line.value = lines[0]?.number;
                this.progress.value = { part: searched / Math.max(1, this.#text.count.peek()), done: false };
            }
            this.progress.value = { part: 1, done: true };
        } catch (error) {
            if (error instanceof ApiError) this.progress.value = { part: 0, done: true, error };
        }
        return this.line.peek();
    }
}
