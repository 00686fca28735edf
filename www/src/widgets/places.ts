/** Which view is at an address: all that it takes to begin loading a page. */
import { match, variables } from "../base/pattern";
import type { PageProps, View } from "./views";

/** What is at an address. */
export interface Place {
    readonly url: URL;
    readonly view: View;
    readonly params: PageProps["params"];
}

/** The root of the pages: the document's base address. */
export function rootOf(document: Document): URL {
    return new URL(".", document.baseURI);
}

/** The view at an address; undefined for an address that is none of ours, such as one of the server's own pages. */
export function resolve(views: readonly View[], base: URL, url: URL): Place | undefined {
    if (url.origin !== base.origin || !`${url.pathname}/`.startsWith(base.pathname)) return undefined;
    const path = url.pathname.slice(base.pathname.length);
    let found: (Place & { readonly rank: number }) | undefined;
    for (const view of views) {
        for (const pattern of view.paths) {
            const params = match(pattern, path);
            const rank = variables(pattern);
            if (params && (!found || rank < found.rank)) found = { url, view, params, rank };
        }
    }
    return found && { url, view: found.view, params: found.params };
}

/** An address of Buildbot's own pages, which are behind a `#`, as one of ours: `#/builders/3` is `builders/3`. */
export function withoutHash(base: URL, url: URL): URL {
    return url.hash.startsWith("#/") ? new URL(`./${url.hash.slice(2)}`, base) : url;
}
