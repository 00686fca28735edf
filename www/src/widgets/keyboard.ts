import { createContext } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
import { Keyboard } from "../base/keys";

const KeyboardContext = createContext<Keyboard>(new Keyboard());

export const KeyboardProvider = KeyboardContext.Provider;

/** The shortcuts of the page that the component is on. */
export function useKeyboard(): Keyboard {
    return useContext(KeyboardContext);
}

/** A shortcut that works while the component is there: see Shortcut. `run` may be another function each time. */
export function useShortcut(keys: string, text: string, run: () => void): void {
    const keyboard = useKeyboard();
    const newest = useRef(run);
    useEffect(() => {
        newest.current = run;
    });
    useEffect(() => keyboard.register({ keys, text, run: () => newest.current() }), [keyboard, keys, text]);
}

/** Listen to the keys of a document, but for those that a dialog above the page gets; until what is returned is called. */
export function listen(keyboard: Keyboard, document: Document): () => void {
    function press(event: KeyboardEvent) {
        if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
        const { target } = event;
        const writing =
            target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
        if (keyboard.press(event, writing)) event.preventDefault();
    }
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
}
