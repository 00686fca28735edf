/** The window that is scrolled over the waterfall: what is to be drawn, and what stays where it is while time goes on. */
import { batch, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { startOfDay } from "./ticks";
import { present, type Present, type Scale } from "./scale";

/** Pixels around what can be seen that are drawn, too, and the steps in which that follows the scrolling: of each part, and of all. */
const AROUND = 160;
const GRAIN = 128;
const FINE = 32;

/** What is drawn: in places of the scale, and across in pixels from the first column. */
export interface Window {
    readonly top: number;
    readonly bottom: number;
    readonly left: number;
    readonly right: number;
}

/** What is above the present, and beside the columns, in pixels. */
export interface Frame {
    readonly scale: Scale;
    readonly last: number;
    readonly running: boolean;
    readonly until: number | undefined;
    /** Between the upper edge of the sheet and the present. */
    readonly above: number;
    /** What sticks to the left. */
    readonly beside: number;
    /** What sticks above. */
    readonly head: number;
}

export class Scrolling {
    /** The place of the present, or of the time that is shown on top. */
    readonly present: ReadonlySignal<number>;
    readonly fold: ReadonlySignal<Present["fold"]>;
    readonly window: ReadonlySignal<Window>;
    /** The beginning of the day at the upper edge of what can be seen. */
    readonly topDay: ReadonlySignal<number>;
    readonly #present: Signal<number>;
    readonly #fold = signal<Present["fold"]>(undefined);
    readonly #window = signal<Window>({ top: 0, bottom: 0, left: 0, right: 0 });
    readonly #topDay: Signal<number>;
    #element: HTMLElement | undefined;
    #frame: Frame | undefined;
    /** What is to stay: a time, so far below the upper edge. Undefined: the present, at the top. */
    #anchor: { readonly time: number; readonly below: number } | undefined;
    /** Where the element was scrolled to by us. */
    #scrolled = 0;
    #byHand = false;
    #around = 0;

    constructor(now: number) {
        this.present = this.#present = signal(0);
        this.fold = this.#fold;
        this.window = this.#window;
        this.topDay = this.#topDay = signal(startOfDay(now));
    }

    attach(element: HTMLElement): void {
        this.#element = element;
    }

    /** From now on, not only what can be seen is drawn. */
    drawAround(): void {
        this.#around = AROUND;
        this.#look();
    }

    /** What is drawn from now on; what could be seen stays where it was. */
    setFrame(frame: Frame, now: number): void {
        this.#notice();
        this.#frame = frame;
        this.tick(now);
        if (!this.#element) this.#look();
    }

    /** Time has gone on. */
    tick(now: number): void {
        const frame = this.#frame;
        if (!frame) return;
        this.#notice();
        const { scale, last, running, until } = frame;
        const at =
            until === undefined
                ? present(scale, last, Math.max(now, last), running)
                : { place: scale.place(until), fold: undefined };
        batch(() => {
            this.#present.value = at.place;
            const fold = this.#fold.peek();
            if (fold?.to !== at.fold?.to || fold?.bottom !== at.fold?.bottom) this.#fold.value = at.fold;
        });
    }

    /** Once what was drawn has its size: scroll to what is to stay. */
    settle(): void {
        const element = this.#element;
        const frame = this.#frame;
        if (!element || !frame) return;
        if (this.#anchor) {
            const wanted = frame.scale.place(this.#anchor.time) + this.#offset - this.#anchor.below;
            if (Math.abs(wanted - element.scrollTop) >= 0.5) element.scrollTop = wanted;
        }
        this.#scrolled = element.scrollTop;
        this.#look();
    }

    /** It was scrolled; gives whether somebody did so, and how far the lower edge of what can be seen is above a place then. */
    scrolled(oldest?: number): number | undefined {
        const element = this.#element;
        const frame = this.#frame;
        if (!element || !frame) return undefined;
        this.#notice();
        const byHand = this.#byHand;
        this.#byHand = false;
        this.#look();
        if (!byHand || oldest === undefined) return undefined;
        return oldest + this.#offset - element.scrollTop - element.clientHeight;
    }

    /** Whether somebody has scrolled, of which the browser may tell only later: then what is on top now stays. */
    #notice(): void {
        const element = this.#element;
        if (!element || Math.abs(element.scrollTop - this.#scrolled) <= 1) return;
        this.#byHand = true;
        this.#scrolled = element.scrollTop;
        this.hold(element.scrollTop < 4 ? undefined : 0);
    }

    /** From now on, what is so far below the upper edge stays where it is; undefined: the present stays in view. */
    hold(below: number | undefined): void {
        const element = this.#element;
        const frame = this.#frame;
        if (below === undefined || !element || !frame) this.#anchor = undefined;
        else this.#anchor = { time: frame.scale.time(element.scrollTop + below - this.#offset), below };
    }

    /** Before a zoom: what is in the middle stays there, or the present on top. */
    holdMiddle(): void {
        const element = this.#element;
        const frame = this.#frame;
        if (element && frame && this.#anchor) this.hold((element.clientHeight - frame.head) / 2);
    }

    holdTime(time: number, below: number): void {
        this.#anchor = { time, below };
    }

    /** How far the sheet's upper edge is above the place 0. */
    get #offset(): number {
        return (this.#frame?.above ?? 0) - this.#present.peek();
    }

    /** Scroll so that a box can be seen: its places, and its sides in pixels from the first column. */
    show(top: number, bottom: number, left: number, right: number): void {
        const element = this.#element;
        const frame = this.#frame;
        if (!element || !frame) return;
        const height = element.clientHeight - frame.head;
        const width = element.clientWidth - frame.beside;
        const [from, to] = [top + this.#offset, bottom + this.#offset];
        let { scrollTop, scrollLeft } = element;
        // Of what is higher than the window, its upper edge, where the name is.
        if (to > scrollTop + height) scrollTop = to - height + 8;
        if (from < scrollTop) scrollTop = Math.max(0, from - 8);
        if (right > scrollLeft + width) scrollLeft = right - width;
        if (left < scrollLeft) scrollLeft = left;
        element.scrollTo(scrollLeft, scrollTop);
        this.scrolled();
    }

    #look(): void {
        const frame = this.#frame;
        if (!frame) return;
        // Before there is an element it will be at its beginning, and hardly larger than the page.
        const { scrollTop, scrollLeft, clientHeight, clientWidth } = this.#element ?? {
            scrollTop: 0,
            scrollLeft: 0,
            clientHeight: window.innerHeight,
            clientWidth: window.innerWidth,
        };
        const top = scrollTop - this.#offset;
        const next = {
            top: down(top - this.#around, FINE),
            bottom: up(top + clientHeight - frame.head + this.#around, FINE),
            left: down(scrollLeft - AROUND / 2, GRAIN),
            right: up(scrollLeft + clientWidth - frame.beside + AROUND / 2, GRAIN),
        };
        const old = this.#window.peek();
        batch(() => {
            if (
                next.top !== old.top ||
                next.bottom !== old.bottom ||
                next.left !== old.left ||
                next.right !== old.right
            ) {
                this.#window.value = next;
            }
            this.#topDay.value = startOfDay(frame.scale.time(Math.max(top, this.#present.peek())));
        });
    }
}

/** What one of several parts of the window draws: the parts go on in turn, so that no frame has to draw all of them. */
export function spanOf({ top, bottom }: Window, part: number): { top: number; bottom: number } {
    const phase = (part * FINE) % GRAIN;
    return { top: down(top + phase, GRAIN) - phase, bottom: up(bottom + phase, GRAIN) - phase };
}

function down(value: number, step: number): number {
    return Math.floor(value / step) * step;
}

function up(value: number, step: number): number {
    return Math.ceil(value / step) * step;
}
