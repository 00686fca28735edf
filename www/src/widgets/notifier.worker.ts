/** What the browser runs when somebody clicks on a notification. It answers no requests, and keeps nothing. */
import type { Clicked } from "./notifier";

/** The names of a service worker's world, as far as they are used: the compiler knows those of pages. */
interface Window {
    readonly url: string;
    focus(): Promise<unknown>;
    postMessage(message: Clicked): void;
}

interface World {
    readonly clients: {
        matchAll(which: { type: "window"; includeUncontrolled: true }): Promise<readonly Window[]>;
        openWindow(url: string): Promise<unknown>;
    };
    addEventListener(type: "notificationclick", listener: (event: Click) => void): void;
}

interface Click {
    readonly notification: { readonly data: Clicked; close(): void };
    waitUntil(done: Promise<unknown>): void;
}

const world = self as unknown as World;

world.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(lead(event.notification.data));
});

/** To a page that shows it, else to any of ours, which goes there, else to a new one. */
async function lead(clicked: Clicked): Promise<void> {
    const all = await world.clients.matchAll({ type: "window", includeUncontrolled: true });
    const ours = all.filter(({ url }) => url.startsWith(clicked.root));
    const page = ours.find(({ url }) => url === clicked.href) ?? ours[0];
    if (!page) {
        await world.clients.openWindow(clicked.href);
        return;
    }
    page.postMessage(clicked);
    await page.focus();
}
