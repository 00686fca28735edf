/** The text of one log: its lines by number, of which those that were wanted last are kept; followed while they come. */
import { batch, signal, type ReadonlySignal } from "@preact/signals-core";
import { parseLines, type Line } from "../base/loglines";
import type { LogChunk } from "./generated";
import { ApiError, type Api, type Fields } from "./http";
import type { Delivery, Link, Subscription, Told } from "./link";
import { Pages } from "./pages";

/** Lines that are asked for at once. */
const AT_ONCE = 400;
/** Lines that one search gives. */
const MOST_FOUND = 1000;

export interface LogRecord {
    readonly logid: number;
    readonly type: string;
    readonly num_lines: number;
    readonly complete: boolean;
}

/** Lines from one on. */
export type Chunk = Pick<LogChunk, "firstline" | "content">;

export interface Found {
    /** Those that this answer has found, in order. */
    readonly lines: readonly { readonly number: number; readonly text: string }[];
    /** All lines before this one were looked at. */
    readonly searched: number;
    readonly complete: boolean;
}

/** The last lines of a log. */
export async function tailOf(api: Api, logid: number, lines: number): Promise<LogChunk> {
    const { rows } = await api.get(`logs/${logid}/contents`, { offset: -lines });
    return rows[0] as unknown as LogChunk;
}

export class LogText {
    /** How many lines there are. */
    readonly count: ReadonlySignal<number>;
    /** Nothing more will come. */
    readonly complete: ReadonlySignal<boolean>;
    /** Another number whenever lines have come. */
    readonly version: ReadonlySignal<number>;
    /** Why lines that are wanted do not come; wanting them again tries again. */
    readonly error: ReadonlySignal<ApiError | undefined>;
    readonly log: LogRecord;
    readonly #api: Api;
    readonly #link: Link;
    readonly #pages = new Pages();
    readonly #count;
    readonly #complete;
    readonly #version = signal(0);
    readonly #error = signal<ApiError | undefined>(undefined);
    readonly #closing = new AbortController();
    #wanted: readonly [first: number, last: number] | undefined;
    #loading: { readonly first: number; readonly last: number; readonly controller: AbortController } | undefined;
    #subscription: Subscription | undefined;

    constructor({ api, link }: { readonly api: Api; readonly link: Link }, log: LogRecord) {
        [this.#api, this.#link, this.log] = [api, link, log];
        this.count = this.#count = signal(log.num_lines);
        this.complete = this.#complete = signal(log.complete);
        this.version = this.#version;
        this.error = this.#error;
    }

    /** Undefined if it is not there: it has to be wanted. */
    line(number: number): Line | undefined {
        return this.#pages.get(number);
    }

    /** Lines that have come by another way. */
    put({ firstline, content }: Chunk): void {
        this.#pages.put(firstline, parseLines(content, this.log.type));
        this.#version.value += 1;
    }

    /** Lines from `first` to `last` are to be there. What was wanted before, and is not on its way, is not any more. */
    want(first: number, last: number): void {
        this.#wanted = [Math.max(0, first), Math.min(last, this.#count.peek() - 1)];
        const { first: from = 0, last: to = -1, controller } = this.#loading ?? {};
        if (controller && (to < first || from > last)) {
            controller.abort();
            this.#loading = undefined;
        }
        if (!this.#loading) void this.#load();
    }

    /** All of one line, however long. */
    async whole(number: number, signal: AbortSignal): Promise<string> {
        const chunk = await this.#read(number, 1, signal);
        return chunk.content.slice(this.log.type === "s" ? 1 : 0).replace(/\n$/, "");
    }

    /** The lines that are there of those that meet a condition. */
    loaded(meets: (text: string) => boolean): number[] {
        return this.#pages.find((line) => meets(line.text));
    }

    /**
     * Lines that hold one of some texts, from one line on: what each answer of the server has found, until all has been looked through, or
     * `enough` lines are found.
     */
    async *search(texts: readonly string[], from: number, enough: number, signal: AbortSignal): AsyncGenerator<Found> {
        let left = enough;
        for (let at: number | undefined = from; at !== undefined && left > 0;) {
            const query = { search: texts, offset: at, limit: Math.min(MOST_FOUND, left) };
            const { rows, meta } = await this.#api.get(`${this.#path}/contents`, query, signal);
            const chunk = rows[0] as unknown as LogChunk;
            const lines = parseLines(chunk.content, this.log.type).map(({ text }, index) => ({
                number: chunk.lines?.[index] ?? 0,
                text,
            }));
            left -= lines.length;
            const next = meta.next === undefined ? null : /[?&]offset=([0-9]+)/.exec(meta.next);
            at = next ? Number(next[1]) : undefined;
            yield { lines, searched: at ?? this.#count.peek(), complete: at === undefined };
        }
    }

    /** From the place on that the log was read at, unless it is complete. */
    follow(since: string | undefined): void {
        if (this.#complete.peek() || this.#closing.signal.aborted) return;
        const wanted = { topic: `${this.#path}/*`, query: { content: true }, since };
        this.#subscription = this.#link.subscribe(wanted, (told) => this.#take(told));
    }

    close(): void {
        this.#closing.abort();
        this.#subscription?.close();
        this.#loading?.controller.abort();
    }

    get #path(): string {
        return `logs/${this.log.logid}`;
    }

    #take(told: Told): void {
        if (told.kind === "delivery") {
            this.#told(told.delivery);
            return;
        }
        this.#subscription?.close();
        if (told.kind === "gone") void this.#again();
        else this.#error.value = new ApiError(told.problem);
    }

    #told({ topic, record, extra: { first, last, content } }: Delivery): void {
        batch(() => {
            if (typeof first === "number" && typeof content === "string") {
                this.#pages.put(first, parseLines(content, this.log.type));
                this.#version.value += 1;
            }
            if (typeof last === "number") this.#grow(last + 1);
            // Before that, the record counts lines, and says that there are no more, whose text is still to be told.
            if (topic.endsWith("/finished")) this.#is(record);
        });
        if (this.#complete.peek()) this.#subscription?.close();
    }

    #is(log: Fields): void {
        this.#grow(Number(log["num_lines"]));
        this.#complete.value = log["complete"] === true;
    }

    #grow(count: number): void {
        this.#count.value = Math.max(this.#count.peek(), count);
    }

    /** What has happened cannot be told any more: as it is now, and on from there. */
    async #again(): Promise<void> {
        try {
            const { rows, cursor } = await this.#api.get(this.#path, {}, this.#closing.signal);
            batch(() => rows.forEach((log) => this.#is(log)));
            this.follow(cursor);
        } catch (error) {
            if (error instanceof ApiError) this.#error.value = error;
        }
    }

    async #load(): Promise<void> {
        for (;;) {
            const missing = this.#wanted && this.#pages.missing(...this.#wanted, AT_ONCE);
            if (!missing) return;
            const loading = { ...missing, controller: new AbortController() };
            this.#loading = loading;
            try {
                await this.#fetch(loading.first, loading.last, loading.controller.signal);
                if (this.#loading !== loading) return;
                this.#error.value = undefined;
            } catch (error) {
                if (this.#loading !== loading) return;
                this.#loading = undefined;
                if (error instanceof ApiError) this.#error.value = error;
                return;
            }
            this.#loading = undefined;
        }
    }

    /** In halves, where it is more than the server sends at once. */
    async #fetch(first: number, last: number, signal: AbortSignal): Promise<void> {
        try {
            const { content } = await this.#read(first, last - first + 1, signal);
            const lines = parseLines(content, this.log.type);
            // What was deleted leaves a gap, which is not to be asked for again and again.
            while (lines.length <= last - first) lines.push({ text: "", stream: undefined, length: 0 });
            this.#pages.put(first, lines);
        } catch (error) {
            if (!(error instanceof ApiError) || error.code !== "too-large") throw error;
            if (first === last) this.#pages.put(first, [{ text: "", stream: undefined, length: Infinity }]);
            else {
                const middle = (first + last) >> 1;
                await this.#fetch(first, middle, signal);
                await this.#fetch(middle + 1, last, signal);
            }
        }
        this.#version.value += 1;
    }

    async #read(offset: number, limit: number, signal: AbortSignal): Promise<Chunk> {
        const { rows } = await this.#api.get(`${this.#path}/contents`, { offset, limit }, signal);
        return rows[0] as unknown as LogChunk;
    }
}
