/** A button, and what it opens beside itself: closed by a click elsewhere, Escape, or when the page is scrolled. */
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import "./menu.css";

export function Menu({
    label,
    name,
    class: classes = "",
    children,
}: {
    /** What stands on the button. */
    label: ComponentChildren;
    /** What it is called, where that is not what stands on it. */
    name?: string;
    class?: string;
    children: ComponentChildren;
}) {
    const id = useId();
    const button = useRef<HTMLButtonElement>(null);
    const [open, setOpen] = useState(false);

    function place(event: ToggleEvent) {
        const popover = event.currentTarget;
        if (!(popover instanceof HTMLElement)) return;
        const opens = event.newState === "open";
        setOpen(opens);
        if (!opens || !button.current) return;
        const { left, right, top, bottom } = button.current.getBoundingClientRect();
        const { clientWidth, clientHeight } = document.documentElement;
        const [atEnd, above] = [left + right > clientWidth, top + bottom > clientHeight * 1.2];
        Object.assign(popover.style, {
            left: atEnd ? "auto" : `${Math.max(8, left)}px`,
            right: atEnd ? `${Math.max(8, clientWidth - right)}px` : "auto",
            top: above ? "auto" : `${bottom + 4}px`,
            bottom: above ? `${clientHeight - top + 4}px` : "auto",
            maxHeight: `${(above ? top : clientHeight - bottom) - 12}px`,
        });
        document.addEventListener("scroll", () => popover.isConnected && popover.hidePopover(), { once: true });
    }

    return (
        <>
            <button
                ref={button}
                type="button"
                class={`button ${classes}`}
                aria-label={name}
                title={name}
                aria-expanded={open}
                popoverTarget={id}
            >
                {label}
            </button>
            <div id={id} popover="auto" class="menu" onBeforeToggle={place} onClick={closeAtChoice}>
                {open && children}
            </div>
        </>
    );
}

/** A link or a button in it has done what the menu was opened for; what is ticked may be one of several. */
function closeAtChoice(event: MouseEvent) {
    const { target, currentTarget } = event;
    if (target instanceof Element && target.closest("a, button") && currentTarget instanceof HTMLElement) {
        currentTarget.hidePopover();
    }
}
