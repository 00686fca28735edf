/** Notifications of the browser's: by a service worker where there is one, else by the page itself. */
import type { Tell } from "../base/watches";
import address from "./notifier.worker?worker&url";
import type { Router } from "./router";

/** What a notification leads to; `root` is that of the pages. Addresses in full. */
export interface Clicked {
    readonly root: string;
    readonly href: string;
}

type Browser = globalThis.Window & typeof globalThis;

export class Notifier {
    readonly #window: Browser;
    readonly #router: Router;

    constructor(window: Browser, router: Router) {
        this.#window = window;
        this.#router = router;
        this.#container?.addEventListener("message", ({ data }: MessageEvent<Clicked>) => router.navigate(data.href));
    }

    /** In the click of somebody who wants them; whether they may be. */
    async allow(): Promise<boolean> {
        if ((await this.#window.Notification.requestPermission()) !== "granted") return false;
        void this.#register();
        return true;
    }

    /** A click on it leads to the build, with a service worker also when no page is open any more. */
    readonly tell: Tell = (note) => void this.#tell(note);

    async #tell({ title, body, tag, href }: Parameters<Tell>[0]): Promise<void> {
        if (!("Notification" in this.#window) || this.#window.Notification.permission !== "granted") return;
        const { base } = this.#router;
        const data: Clicked = { root: base.href, href: new URL(href, base).href };
        try {
            const registration = await this.#container?.getRegistration(this.#script);
            if (registration?.active) {
                await registration.showNotification(title, { body, tag, data });
                return;
            }
        } catch {
            // Then the page tells by itself.
        }
        this.#tellHere(title, { body, tag }, href);
    }

    #tellHere(title: string, options: NotificationOptions, href: string): void {
        let note: Notification;
        try {
            note = new this.#window.Notification(title, options);
        } catch {
            // Chrome on Android has the constructor, and throws: it wants a service worker.
            return;
        }
        note.onclick = () => {
            this.#window.focus();
            this.#router.navigate(href);
            note.close();
        };
    }

    /** Browsers have it only where pages come by HTTPS, or from the same machine. */
    get #container(): ServiceWorkerContainer | undefined {
        return "serviceWorker" in this.#window.navigator ? this.#window.navigator.serviceWorker : undefined;
    }

    get #script(): URL {
        return new URL(address, this.#router.base);
    }

    /** For its own folder alone, where there are no pages: it has no part in how these are loaded. */
    async #register(): Promise<void> {
        try {
            await this.#container?.register(this.#script);
        } catch {
            // Then the page tells by itself.
        }
    }
}
