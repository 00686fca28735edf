import type { ComponentChildren } from "preact";
import type { Status } from "../base/results";
import { ResultMark } from "./marks";
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
    return (
        <div class="page-head">
            <div>
                <h1>
                    {status && <ResultMark status={status} />} {title}
                </h1>
                {below && <p class="quiet">{below}</p>}
            </div>
            {children && <div class="actions">{children}</div>}
        </div>
    );
}
