/** Notifications, for builds that somebody watches: asked for only by the button, and never by a page that loads. */
import { createContext } from "preact";
import { useContext, useState } from "preact/hooks";
import { Watches, type BuildEnds, type Tell, type Watched } from "../base/watches";
import { Icon } from "./icons";
import type { Router } from "./router";

const WatchesContext = createContext<Watches | undefined>(undefined);

export const WatchesProvider = WatchesContext.Provider;

/** What this browser watches, in whichever tab it was chosen. */
export function startWatching(window: Window & typeof globalThis, builds: BuildEnds, router: Router): Watches {
    const watches = new Watches(storageOf(window), builds, notifier(window, router));
    window.addEventListener("storage", () => watches.read());
    return watches;
}

/** A browser that is told to keep nothing has none. */
function storageOf(window: Window): Pick<Storage, "getItem" | "setItem"> {
    try {
        return window.localStorage;
    } catch {
        return { getItem: () => null, setItem: () => undefined };
    }
}

/** Tells by a notification of the browser's; a click on it leads to the build. */
function notifier(window: Window & typeof globalThis, router: Router): Tell {
    return ({ title, body, tag, href }) => {
        if (!("Notification" in window) || window.Notification.permission !== "granted") return;
        let note;
        try {
            note = new window.Notification(title, { body, tag });
        } catch {
            // Chrome on Android has the constructor, and throws: it wants a service worker.
            return;
        }
        note.onclick = () => {
            window.focus();
            router.navigate(href);
            note.close();
        };
    };
}

/** Watches a build that runs, or not any more. Where browsers cannot notify there is no button. */
export function WatchButton({ build }: { build: Watched }) {
    const watches = useContext(WatchesContext);
    const [denied, setDenied] = useState(false);
    if (!watches || !("Notification" in window)) return null;
    const watched = watches.all.value.some(({ buildid }) => buildid === build.buildid);

    async function toggle(watches: Watches) {
        // Asked for in the click itself, as browsers want it.
        const allowed = watched || (await Notification.requestPermission()) === "granted";
        setDenied(!allowed);
        if (allowed) watches.toggle(build);
    }

    return (
        <>
            <button type="button" class="button" aria-pressed={watched} onClick={() => void toggle(watches)}>
                <Icon name="bell" />
                {watched ? "Watched" : "Watch"}
            </button>
            {denied && (
                <span class="quiet small" role="alert">
                    This browser does not allow notifications from here: its settings for this site can.
                </span>
            )}
        </>
    );
}
