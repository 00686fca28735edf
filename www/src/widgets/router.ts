/** Which page is shown: the address decides, relative to the root of the pages, and links are ordinary `<a href>`. */
import { signal, type ReadonlySignal } from "@preact/signals";
import { createContext, type ComponentType } from "preact";
import { useContext } from "preact/hooks";
import type { QueryState } from "../base/queryState";
import { resolve, rootOf, withoutHash, type Place } from "./places";
import type { PageProps, View } from "./views";

/** What is to be seen: what was shown last stays until the code of the next page has come. */
export type Shown =
    | { readonly state: "starting" }
    | { readonly state: "page"; readonly place: Place; readonly Page: ComponentType<PageProps> }
    | { readonly state: "missing"; readonly url: URL }
    | { readonly state: "failed"; readonly place: Place };

export class Router {
    readonly views: readonly View[];
    /** The root of the pages: the document's base address. */
    readonly base: URL;
    readonly shown: ReadonlySignal<Shown>;
    /** What the page that is shown reads from its query. */
    readonly read = signal<readonly QueryState[]>([]);
    readonly #window: Window;
    readonly #shown = signal<Shown>({ state: "starting" });
    readonly #pages = new Map<View, ComponentType<PageProps>>();
    #url: URL;
    #moved = false;

    constructor(views: readonly View[], window: Window) {
        this.views = views;
        this.base = rootOf(window.document);
        this.#window = window;
        this.shown = this.#shown;
        this.#url = new URL(window.location.href);
    }

    /** Somebody has gone to another page since the document was loaded. */
    get moved(): boolean {
        return this.#moved;
    }

    /** Show what the address says, from now on: fires when that is known. */
    async start(): Promise<void> {
        this.#window.addEventListener("popstate", () => void this.#follow());
        this.#window.document.addEventListener("click", (event) => this.#click(event));
        await this.#follow();
    }

    /** Go to an address, relative to the root of the pages; with `replace` it takes the place of the present one. */
    navigate(address: string | URL, { replace = false } = {}): void {
        const url = new URL(address, this.base);
        if (!resolve(this.views, this.base, url)) {
            this.#window.location.assign(url);
            return;
        }
        const moved = url.pathname !== this.#url.pathname;
        if (replace) this.#window.history.replaceState(null, "", url);
        else this.#window.history.pushState(null, "", url);
        void this.#show(url);
        if (moved) this.#window.scrollTo(0, 0);
    }

    /** Load the document anew: a browser does not ask again for code that it could not have. */
    reload(): void {
        this.#window.location.reload();
    }

    #follow(): Promise<void> {
        const given = new URL(this.#window.location.href);
        const url = withoutHash(this.base, given);
        if (url !== given) this.#window.history.replaceState(null, "", url);
        return this.#show(url);
    }

    async #show(url: URL): Promise<void> {
        this.#moved ||= url.pathname !== this.#url.pathname;
        this.#url = url;
        const place = resolve(this.views, this.base, url);
        if (!place) {
            this.#shown.value = { state: "missing", url };
            return;
        }
        const Page = this.#pages.get(place.view);
        if (Page) this.#shown.value = { state: "page", place, Page };
        else await this.#load(place);
    }

    async #load(place: Place): Promise<void> {
        let shown: Shown;
        try {
            const { default: Page } = await place.view.load();
            this.#pages.set(place.view, Page);
            shown = { state: "page", place, Page };
        } catch {
            shown = { state: "failed", place };
        }
        // Else somebody has gone elsewhere meanwhile.
        if (this.#url === place.url) this.#shown.value = shown;
    }

    #click(event: MouseEvent): void {
        const url = this.#linked(event);
        if (!url || !resolve(this.views, this.base, url)) return;
        const here = this.#window.location;
        // To another place on the same page: the browser scrolls there, and says so by `popstate`.
        if (url.hash && url.pathname === here.pathname && url.search === here.search) return;
        event.preventDefault();
        this.navigate(url, { replace: url.href === here.href });
    }

    /** Where a plain click leads; a link in a drawing has no `href` that is a text, so its attribute is asked. */
    #linked(event: MouseEvent): URL | undefined {
        if (event.defaultPrevented || event.button !== 0) return undefined;
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
        const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
        const href = link?.getAttribute("href") ?? null;
        if (!link || href === null || link.hasAttribute("download")) return undefined;
        if (!["", "_self"].includes(link.getAttribute("target") ?? "")) return undefined;
        return URL.parse(href, this.#window.document.baseURI) ?? undefined;
    }
}

const RouterContext = createContext<Router | undefined>(undefined);

export const RouterProvider = RouterContext.Provider;

/** The router of the page that the component is on. */
export function useRouter(): Router {
    const router = useContext(RouterContext);
    if (!router) throw new Error("no RouterProvider above this component");
    return router;
}

/** Of what is shown, which while the next page loads is not what stands in the browser's bar. */
export function addressOf(router: Router): URL {
    const shown = router.shown.value;
    return shown.state === "page" ? shown.place.url : router.base;
}
