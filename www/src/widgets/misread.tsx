import { misreadOf } from "../base/queryState";
import { addressOf, useRouter } from "./router";
import "./misread.css";

/** For the page: a strip above it that says what in its address means nothing, and what would. */
export function MisreadStrip() {
    const router = useRouter();
    const states = router.read.value;
    const url = addressOf(router);
    // Who reads nothing by this has ways of its own.
    const found = states.length > 0 ? misreadOf(states, url.searchParams) : [];
    if (found.length === 0) return null;

    function leaveOut() {
        const without = new URL(url);
        for (const { name, text } of found) without.searchParams.delete(name, text);
        router.navigate(without, { replace: true });
    }

    return (
        <div class="misread-strip" role="status">
            <ul>
                {found.map(({ name, text, right }) => (
                    <li key={`${name}=${text}`}>
                        In the page’s address{" "}
                        <code>
                            <bdi>{`${name}=${text}`}</bdi>
                        </code>{" "}
                        means nothing: {right}.
                    </li>
                ))}
            </ul>
            <button type="button" class="button" onClick={leaveOut}>
                Leave {found.length === 1 ? "it" : "them"} out
            </button>
        </div>
    );
}
