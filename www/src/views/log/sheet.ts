/** The window on a log: which lines are seen, and what moves it. */
import { computed, effect, signal } from "@preact/signals";
import type { LogText } from "../../api/text";
import { Folds, heightOf, placeAt, reveal, rowsIn, scrolledTo, type Place, type Range } from "./geometry";
import { endsGroup, groupAt, MARKS, type Group } from "./groups";

/** Lines beyond those that are seen that are to be there as well. */
const AHEAD = 100;
/** Milliseconds after which nothing moves any more. */
const STILL = 150;
/** Lines with marks that are looked at for the end of a group. */
const MOST_MARKS = 5000;

export class Sheet {
    readonly text: LogText;
    /** Pixels. */
    readonly lineHeight: number;
    readonly viewport = signal(0);
    readonly folds = signal(new Folds());
    /** It stays at the end while lines come. */
    readonly following = signal(false);
    /** Somebody has moved it: then nothing else does. */
    touched = false;
    readonly #place = signal<Place>({ at: 0, scrollTop: 0 });
    #scroller: HTMLElement | undefined;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #pending: (() => void) | undefined;

    constructor(text: LogText, lineHeight: number) {
        [this.text, this.lineHeight] = [text, lineHeight];
    }

    readonly #rows = computed(() => this.folds.value.rowsOf(this.text.count.value));
    readonly #extent = computed(() => ({
        content: this.#rows.value * this.lineHeight,
        viewport: this.viewport.value,
    }));

    /** The lines that are seen, in order, and where the first of them stands. */
    readonly seen = computed(() => {
        const { first, last, top } = rowsIn(
            this.#place.value.at,
            this.#extent.value,
            this.lineHeight,
            this.#rows.value,
        );
        const lines: number[] = [];
        for (let row = first; row <= last; row++) lines.push(this.folds.value.lineOf(row));
        return { lines, top };
    });

    /** Show it in an element that scrolls, whose first child has the height of all lines; until what is returned is called. */
    attach(scroller: HTMLElement, sizer: HTMLElement): () => void {
        this.#scroller = scroller;
        const sized = new ResizeObserver(() => (this.viewport.value = scroller.clientHeight));
        sized.observe(scroller);
        const scrolled = () => this.#scrolled(scroller.scrollTop);
        const touch = () => (this.touched = true);
        const events = ["wheel", "pointerdown", "keydown", "touchstart"];
        scroller.addEventListener("scroll", scrolled, { passive: true });
        for (const name of events) scroller.addEventListener(name, touch, { passive: true });
        this.viewport.value = scroller.clientHeight;
        const stopSizing = effect(() => {
            const extent = this.#extent.value;
            sizer.style.height = `${heightOf(extent)}px`;
            if (extent.viewport === 0) return;
            this.#move(this.following.value ? extent.content : this.#place.peek().at);
            this.#pending?.();
            this.#pending = undefined;
        });
        const stopWanting = effect(() => this.want());
        return () => {
            stopSizing();
            stopWanting();
            sized.disconnect();
            clearTimeout(this.#timer);
            scroller.removeEventListener("scroll", scrolled);
            for (const name of events) scroller.removeEventListener(name, touch);
            this.#scroller = undefined;
        };
    }

    /** What is seen is to be there, and some more. */
    want(): void {
        const { lines } = this.seen.value;
        this.text.want((lines[0] ?? 0) - AHEAD, (lines.at(-1) ?? 0) + AHEAD);
    }

    /** See a line, which is taken out of what is folded away. */
    show(line: number): void {
        this.following.value = false;
        this.folds.value = this.folds.peek().without(line);
        this.#whenSized(() => {
            const { viewport } = this.#extent.peek();
            this.#move(reveal(this.folds.peek().rowOf(line), this.#place.peek().at, viewport, this.lineHeight));
        });
    }

    follow(): void {
        this.following.value = true;
        this.#whenSized(() => this.#move(this.#extent.peek().content));
    }

    /** To the beginning or to the end. */
    goTo(end: "head" | "tail"): void {
        this.touched = true;
        this.following.value = end === "tail" && !this.text.complete.peek();
        this.#move(end === "head" ? 0 : this.#extent.peek().content);
    }

    unfold(line: number): void {
        this.folds.value = this.folds.peek().without(line + 1);
    }

    /** Fold away what belongs to the group that begins with a line: its end may be far from what is loaded. */
    async fold(line: number, group: Group, signal: AbortSignal): Promise<void> {
        const last = await this.#endOf(line, group, signal);
        if (last > line) this.folds.value = this.folds.peek().with({ first: line + 1, last });
    }

    async #endOf(line: number, group: Group, signal: AbortSignal): Promise<number> {
        for await (const { lines } of this.text.search(MARKS[group.kind], line + 1, MOST_MARKS, signal)) {
            for (const { number, text } of lines) {
                const how = endsGroup(text, group);
                if (how) return how === "with" ? number : number - 1;
            }
        }
        return this.text.count.peek() - 1;
    }

    groupAt(line: number): Group | undefined {
        const found = this.text.line(line);
        return found && groupAt(found.text);
    }

    isFolded({ first }: Range): boolean {
        return this.folds.value.isFolded(first);
    }

    #whenSized(move: () => void): void {
        if (this.viewport.peek() > 0) move();
        else this.#pending = move;
    }

    #move(at: number): void {
        const place = placeAt(at, this.#extent.peek());
        if (!this.#scroller) return;
        this.#scroller.scrollTop = place.scrollTop;
        // Browsers round it.
        this.#place.value = { at: place.at, scrollTop: this.#scroller.scrollTop };
    }

    #scrolled(scrollTop: number): void {
        const before = this.#place.peek();
        if (Math.abs(scrollTop - before.scrollTop) < 0.5) return;
        const extent = this.#extent.peek();
        const place = scrolledTo(scrollTop, before, extent);
        this.#place.value = place;
        const atEnd = place.at >= extent.content - extent.viewport - this.lineHeight / 2;
        this.following.value = atEnd && !this.text.complete.peek();
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#move(this.#place.peek().at), STILL);
    }
}
