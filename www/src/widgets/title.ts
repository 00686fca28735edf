/** What the window is called, and its icon: so a tab tells how things are while another one is looked at. */
import { effect, signal, type ReadonlySignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { drawn, SYMBOLS, type Status } from "../base/results";
import { theme } from "./theme";

interface Told {
    readonly text: string;
    readonly status: Status | undefined;
}

const told = signal<Told | undefined>(undefined);

/** Call the window so while the component is there; its icon is the drawing of the status, if there is one. */
export function useTitle(text: string, status?: Status): void {
    useLayoutEffect(() => {
        const mine = { text, status };
        told.value = mine;
        return () => {
            if (told.peek() === mine) told.value = undefined;
        };
    }, [text, status]);
}

/** Keep title and icon of the window right, from now on: `usual` is for pages that say nothing of their own. */
export function startTitle(
    document: Document,
    usual: ReadonlySignal<{ page: string; site: string; status?: Status | undefined }>,
) {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    const plain = icon?.href;
    effect(() => {
        const { page, site } = usual.value;
        const status = told.value?.status ?? usual.value.status;
        const text = told.value?.text ?? page;
        document.title = `${status ? `${SYMBOLS[status]} ` : ""}${[text, site].filter(Boolean).join(" · ")}`;
        if (icon)
            icon.href = status
                ? `data:image/svg+xml,${encodeURIComponent(drawn(status, colourOf(status)))}`
                : (plain ?? "");
    });

    function colourOf(status: Status): string {
        const probe = document.createElement("span");
        probe.style.colorScheme = theme.value === "system" ? "light dark" : theme.value;
        probe.style.color = `var(--${status})`;
        document.body.append(probe);
        const { color } = getComputedStyle(probe);
        probe.remove();
        return color;
    }
}
