/** The client as a page uses it: the one place that knows the browser's own names. */
import { Connection } from "./connection";
import { Api } from "./http";
import { LatePort } from "./late";
import type { Link } from "./link";
import { scheduler } from "./scheduler";
import { SharedLink } from "./shared";
import { Store } from "./store";

/** `base`: the root of the server. */
export function openStore(base: URL): Store {
    const api = new Api(base, (input, init) => fetch(input, init));
    const store = new Store(api, connect(base), scheduler, watchScrolling());
    // Without a network it is soon known whether the server can be reached all the same.
    for (const change of ["online", "offline"]) addEventListener(change, () => store.wake());
    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) store.wake();
    });
    return store;
}

function connect(base: URL): Link {
    const address = new URL("ws", base);
    address.protocol = base.protocol === "https:" ? "wss:" : "ws:";
    const own = () => new Connection(() => new WebSocket(address), scheduler);
    if (typeof SharedWorker === "undefined") return own();
    const port = () =>
        // The options stand here in full, because the build looks for them.
        new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: address.href }).port;
    const link = new SharedLink(new LatePort(port, scheduler), own, scheduler);
    addEventListener("pagehide", () => link.leave());
    addEventListener("pageshow", (event) => {
        if (event.persisted) link.comeBack();
    });
    return link;
}

/** Gives what tells whether something that is there was scrolled from where it begins. */
function watchScrolling(): () => boolean {
    const scrolled = new Set<Element>();
    document.addEventListener(
        "scroll",
        ({ target }) => {
            if (target instanceof Element) scrolled.add(target);
        },
        { capture: true, passive: true },
    );
    return () => {
        for (const each of scrolled) if (!each.isConnected || each.scrollTop <= 0) scrolled.delete(each);
        return scrollY > 0 || scrolled.size > 0;
    };
}
