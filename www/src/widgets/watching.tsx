/** Notifications, for builds that somebody watches: asked for only by the button, and never by a page that loads. */
import { createContext } from "preact";
import { useContext, useState } from "preact/hooks";
import { Watches, type BuildEnds, type Watched } from "../base/watches";
import { Icon } from "./icons";
import { Notifier } from "./notifier";
import type { Router } from "./router";

export interface Watching {
    readonly watches: Watches;
    readonly notifier: Pick<Notifier, "allow">;
}

const WatchesContext = createContext<Watching | undefined>(undefined);

export const WatchesProvider = WatchesContext.Provider;

/** What this browser watches, in whichever tab it was chosen. */
export function startWatching(window: Window & typeof globalThis, builds: BuildEnds, router: Router): Watching {
    const notifier = new Notifier(window, router);
    const watches = new Watches(storageOf(window), builds, notifier.tell);
    window.addEventListener("storage", () => watches.read());
    return { watches, notifier };
}

/** A browser that is told to keep nothing has none. */
function storageOf(window: Window): Pick<Storage, "getItem" | "setItem"> {
    try {
        return window.localStorage;
    } catch {
        return { getItem: () => null, setItem: () => undefined };
    }
}

/** Watches a build that runs, or not any more. Where browsers cannot notify there is no button. */
export function WatchButton({ build }: { build: Watched }) {
    const watching = useContext(WatchesContext);
    const [denied, setDenied] = useState(false);
    if (!watching || !("Notification" in window)) return null;
    const { watches, notifier } = watching;
    const watched = watches.all.value.some(({ buildid }) => buildid === build.buildid);

    async function toggle() {
        // Asked for in the click itself, as browsers want it.
        const allowed = watched || (await notifier.allow());
        setDenied(!allowed);
        if (allowed) watches.toggle(build);
    }

    return (
        <>
            <button type="button" class="button" aria-pressed={watched} onClick={() => void toggle()}>
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
