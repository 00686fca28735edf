/** Time, as it goes by outside. */

export interface Scheduler {
    /** Milliseconds since the epoch. */
    now(): number;
    /** Returns what calls it off. */
    after(milliseconds: number, call: () => void): () => void;
    /** Once, before the next picture is drawn; soon, where none is. */
    frame(call: () => void): void;
    /** From 0 to 1. */
    random(): number;
}

/** Pictures are not drawn of a page that is hidden, whose title and icon may still be looked at. */
const UNSEEN = 250;

/** A browser's, or where there are no pictures, a worker's or Node's. */
export const scheduler: Scheduler = {
    now: () => Date.now(),
    after(milliseconds, call) {
        const timer = setTimeout(call, milliseconds);
        return () => clearTimeout(timer);
    },
    frame(call) {
        let drawn: number | undefined;
        const timer = setTimeout(() => {
            if (drawn !== undefined) cancelAnimationFrame(drawn);
            call();
        }, UNSEEN);
        if (typeof requestAnimationFrame === "function") {
            drawn = requestAnimationFrame(() => {
                clearTimeout(timer);
                call();
            });
        }
    },
    random: () => Math.random(),
};
