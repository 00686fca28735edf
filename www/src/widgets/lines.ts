/** Going through the lines of a list by keys. */
import type { RefObject } from "preact";
import { useShortcut } from "./keyboard";

/** With j and k the focus goes from one element with `data-line` to the next, and back. */
export function useLines(list: RefObject<HTMLElement | null>, what: string): void {
    useShortcut("j", `Next ${what}`, () => go(list.current, 1));
    useShortcut("k", `Previous ${what}`, () => go(list.current, -1));
}

function go(list: HTMLElement | null, by: number): void {
    const lines = [...(list?.querySelectorAll<HTMLElement>("[data-line]") ?? [])];
    const present = lines.findIndex((line) => line === document.activeElement);
    lines[present < 0 ? 0 : present + by]?.focus();
}
