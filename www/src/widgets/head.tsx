import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Status } from "../base/results";
import { ResultMark } from "./marks";
import { useRouter } from "./router";
import { useTitle } from "./title";
import "./head.css";

/** The head of a page: its heading, which is the window's title as well, and at its side what can be done there. */
export function PageHead({
    title,
    status,
    below,
    children,
}: {
    title: string;
    /** Of what the page is about: the window's icon shows it too. */
    status?: Status;
    /** What is said of it, in a line. */
    below?: ComponentChildren;
    children?: ComponentChildren;
}) {
    useTitle(title, status);
    const heading = useRef<HTMLHeadingElement>(null);
    const router = useRouter();
    useLayoutEffect(() => {
        // The page had another heading while it was loading: the focus was there, and has gone with it.
        const isLost = document.activeElement === document.body;
        if (isLost && router.moved && heading.current) focusHeading(heading.current);
    }, [router]);
    return (
        <div class="page-head">
            <div>
                <h1 ref={heading}>
                    {status && <ResultMark status={status} />} {title}
                </h1>
                {below && <p class="quiet">{below}</p>}
            </div>
            {children && <div class="actions">{children}</div>}
        </div>
    );
}

/** Nothing is scrolled for it, and Tab goes on from there. */
export function focusHeading(heading: HTMLElement): void {
    heading.setAttribute("tabindex", "-1");
    heading.focus({ preventScroll: true });
}
