/** The installation that is shown, and ways into Buildbot's own pages, which can do what this server does not allow. */
import type { ReadonlySignal } from "@preact/signals";
import { createContext, type ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import type { Site } from "../api/generated";

const SiteContext = createContext<ReadonlySignal<Site | undefined> | undefined>(undefined);

export const SiteProvider = SiteContext.Provider;

/** What the installation calls itself; undefined until it is known. */
export function useSite(): Site | undefined {
    return useContext(SiteContext)?.value;
}

/** The address of one of Buildbot's own pages, such as `builders/5`; undefined where there are none. */
export function stockAddress(site: Site | undefined, path: string): string | undefined {
    const root = site?.stock_url ? URL.parse(site.stock_url) : null;
    if (!root || !/^https?:$/.test(root.protocol)) return undefined;
    root.hash = `#/${path}`;
    return root.href;
}

/** A way to one of Buildbot's own pages, for what cannot be done here. There is none where there are no such pages. */
export function StockLink({ to, children }: { to: string; children: ComponentChildren }) {
    const href = stockAddress(useSite(), to);
    if (!href) return null;
    return (
        <a class="stock" href={href} target="_blank" rel="noreferrer" title="Opens Buildbot's own page">
            {children}
        </a>
    );
}
