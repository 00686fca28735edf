/** Pages for the tests of the router: one whose code comes when the test says so, and one that says what it was given. */
import { render } from "preact";
import { useState } from "preact/hooks";
import { Router } from "../../src/widgets/router";
import { Shell } from "../../src/widgets/shell";
import { defineView, type PageModule, type PageProps } from "../../src/widgets/views";

function Thing({ params, query }: PageProps<"things/:thing">) {
    const [first] = useState(params.thing);
    return (
        <>
            <h1>{`${params.thing} ${query.get("sort") ?? "unsorted"} since ${first}`}</h1>
            <div style={{ blockSize: "3000px" }} />
            <a href="things/b">To b</a> <a href="elsewhere">Elsewhere</a> <a href="slow">Slow</a>
            <a href="things/b" target="_blank">
                Beside
            </a>
            <svg width="100" height="20">
                <a href="things/drawn">
                    <text y="15">Drawn</text>
                </a>
            </svg>
        </>
    );
}

let bring: (module: PageModule<"slow">) => void;
const slow = new Promise<PageModule<"slow">>((resolve) => (bring = resolve));

const router = new Router(
    [
        defineView({
            name: "thing",
            title: "Thing",
            paths: ["things/:thing"],
            load: () => Promise.resolve({ default: Thing }),
        }),
        defineView({ name: "slow", title: "Slow", paths: ["slow"], load: () => slow }),
        defineView({
            name: "broken",
            title: "Broken",
            paths: ["broken"],
            nav: { text: "Broken", order: 1 },
            load: () => Promise.reject(new Error("gone")),
        }),
    ],
    window,
);
Object.assign(window, {
    router,
    bringSlow: async () => {
        bring({ default: () => <h1>slow</h1> });
        await slow;
    },
});
void router.start();
render(<Shell router={router} />, document.body);
