/** The client as a page uses it: the one place that knows the browser's own names. */
import { Connection } from "./connection";
import { Api } from "./http";
import { scheduler } from "./scheduler";
import { Store } from "./store";

/** `base`: the root of the server. */
export function openStore(base: URL): Store {
    const address = new URL("ws", base);
    address.protocol = base.protocol === "https:" ? "wss:" : "ws:";
    const api = new Api(base, (input, init) => fetch(input, init));
    const store = new Store(api, new Connection(() => new WebSocket(address), scheduler), scheduler);
    addEventListener("online", () => store.wake());
    document.addEventListener("visibilitychange", () => {
        if (!document.hidden) store.wake();
    });
    return store;
}
