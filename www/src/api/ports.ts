/** What pages and the worker that they share say to each other, and the worker's side of it. */
import { effect } from "@preact/signals-core";
import type { Link, Status, Subscription, Told, Wanted } from "./link";

export type FromPage =
    | { readonly kind: "subscribe"; readonly id: number; readonly wanted: Wanted }
    | { readonly kind: "close"; readonly id: number }
    | { readonly kind: "wake" }
    /** The page goes away, for ever or until somebody comes back to it. */
    | { readonly kind: "bye" };

export type FromWorker =
    | { readonly kind: "status"; readonly status: Status }
    | { readonly kind: "told"; readonly id: number; readonly told: Told }
    /** The answer to whatever a page says, but its goodbye: somebody is there. */
    | { readonly kind: "here" };

/** What is used of a MessagePort. */
export interface Port {
    addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
    addEventListener(type: "close", listener: () => void): void;
    postMessage(message: unknown): void;
    start(): void;
}

/** Let a page have part in a connection. */
export function serve(port: Port, link: Link): void {
    const subscriptions = new Map<number, Subscription>();
    const say = (message: FromWorker) => port.postMessage(message);
    let stopTelling: (() => void) | undefined;
    const begin = () => {
        stopTelling ??= effect(() => say({ kind: "status", status: link.status.value }));
    };
    const end = () => {
        for (const subscription of subscriptions.values()) subscription.close();
        subscriptions.clear();
        stopTelling?.();
        stopTelling = undefined;
    };
    begin();
    port.addEventListener("message", ({ data }) => {
        const asked = data as FromPage;
        // A browser keeps no page to come back to that it has something to tell: not a word after the goodbye.
        if (asked.kind === "bye") {
            end();
            return;
        }
        begin();
        switch (asked.kind) {
            case "subscribe": {
                const { id, wanted } = asked;
                subscriptions.set(
                    id,
                    link.subscribe(wanted, (told) => {
                        if (told.kind !== "delivery") subscriptions.delete(id);
                        say({ kind: "told", id, told });
                    }),
                );
                break;
            }
            case "close":
                subscriptions.get(asked.id)?.close();
                subscriptions.delete(asked.id);
                break;
            case "wake":
                link.wake();
        }
        say({ kind: "here" });
    });
    // A page that crashed has not said goodbye. Not all browsers tell: what it was told of then goes on until all pages are closed.
    port.addEventListener("close", end);
    port.start();
}
