/** Shortcuts of the keyboard: who has one registers it, and so the help can show all that there are. */
import { signal, type ReadonlySignal } from "@preact/signals-core";

export interface Shortcut {
    /** Such as `?`, `g h` (one after the other), `Mod+k` (Ctrl, or Command on a Mac). */
    readonly keys: string;
    /** What it does, in a few words. */
    readonly text: string;
    readonly run: () => void;
}

/** What is asked of a browser's KeyboardEvent. */
export interface KeyPress {
    readonly key: string;
    readonly ctrlKey: boolean;
    readonly metaKey: boolean;
    readonly altKey: boolean;
    readonly isComposing: boolean;
    /** In milliseconds. */
    readonly timeStamp: number;
}

/** In milliseconds: after so long a key begins anew. */
const TOGETHER = 1500;

export class Keyboard {
    readonly #shortcuts = signal<readonly Shortcut[]>([]);
    #before = "";
    #at = -Infinity;

    /** All that work, in the order in which they came. */
    get shortcuts(): ReadonlySignal<readonly Shortcut[]> {
        return this.#shortcuts;
    }

    /** From now on, until what is returned is called. Of two with the same keys the later one works, and is shown. */
    register(...added: readonly Shortcut[]): () => void {
        this.#shortcuts.value = [...this.#shortcuts.value, ...added];
        return () => (this.#shortcuts.value = this.#shortcuts.value.filter((shortcut) => !added.includes(shortcut)));
    }

    /** Do what a key stands for; whether it stood for anything. While somebody writes only those with Mod do. */
    press(event: KeyPress, writing: boolean): boolean {
        const key = name(event);
        if (!key || (writing && !key.startsWith("Mod+"))) return false;
        const keys = event.timeStamp - this.#at < TOGETHER && this.#before ? `${this.#before} ${key}` : key;
        for (const pressed of new Set([keys, key])) {
            const found = this.#shortcuts.peek().findLast((shortcut) => shortcut.keys === pressed);
            if (found) {
                this.#before = "";
                found.run();
                return true;
            }
        }
        this.#before = this.#shortcuts.peek().some((shortcut) => shortcut.keys.startsWith(`${key} `)) ? key : "";
        this.#at = event.timeStamp;
        return false;
    }
}

/** What a key is called in a shortcut; nothing for those that none can have. */
function name({ key, ctrlKey, metaKey, altKey, isComposing }: KeyPress): string | undefined {
    if (altKey || isComposing || key === "Control" || key === "Meta" || key === "Shift") return undefined;
    return ctrlKey || metaKey ? `Mod+${key.toLowerCase()}` : key;
}
