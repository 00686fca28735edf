/** Light or dark: as the system says, or as somebody chose, which this browser then keeps. */
import { effect, signal } from "@preact/signals";
import { drawn, STATUSES } from "../base/results";
import "./theme.css";
import "./elements.css";

export const THEMES = ["system", "light", "dark"] as const;
const KEY = "buildbot-status-theme";

export type Theme = (typeof THEMES)[number];

export const theme = signal<Theme>("system");

/** Take up the choice, and make the drawings of results known to the style sheets. */
export function startTheme(window: Window & typeof globalThis): void {
    const root = window.document.documentElement;
    for (const status of STATUSES) {
        root.style.setProperty(
            `--drawing-${status}`,
            `url("data:image/svg+xml,${encodeURIComponent(drawn(status)).replaceAll("'", "%27")}")`,
        );
    }
    theme.value = kept(window);
    // Another tab has chosen.
    window.addEventListener("storage", ({ key }) => {
        if (key === KEY) theme.value = kept(window);
    });
    effect(() => {
        if (theme.value === "system") delete root.dataset["theme"];
        else root.dataset["theme"] = theme.value;
    });
}

/** Choose, for this browser. */
export function setTheme(chosen: Theme): void {
    theme.value = chosen;
    try {
        window.localStorage.setItem(KEY, chosen);
    } catch {
        // A browser that keeps nothing: the choice holds until the page is left.
    }
}

function kept(window: Window): Theme {
    try {
        const value = window.localStorage.getItem(KEY);
        return THEMES.find((known) => known === value) ?? "system";
    } catch {
        return "system";
    }
}
