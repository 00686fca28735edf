import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import "./dialog.css";

/** A window above the page, for as long as it is there. Escape and a click beside it close it; focus goes back then. */
export function Dialog({
    label,
    close,
    class: classes = "",
    children,
}: {
    label: string;
    close: () => void;
    class?: string;
    children: ComponentChildren;
}) {
    const dialog = useRef<HTMLDialogElement>(null);
    useLayoutEffect(() => {
        const shown = dialog.current;
        shown?.showModal();
        // Else the browser does not give the focus back.
        return () => shown?.close();
    }, []);
    return (
        <dialog
            ref={dialog}
            class={`dialog ${classes}`}
            aria-label={label}
            // Not for one that is gone already: another may be there instead.
            onClose={(event) => event.currentTarget.isConnected && close()}
            onClick={(event) => event.target === event.currentTarget && close()}
        >
            <div>{children}</div>
        </dialog>
    );
}
