import type { ComponentChildren } from "preact";

/** Around what may be wider than the page, such as a table: it scrolls, by the keyboard too. */
export function Scrolls({ label, children }: { label: string; children: ComponentChildren }) {
    return (
        <div class="scrolls" role="region" aria-label={label} tabIndex={0}>
            {children}
        </div>
    );
}
