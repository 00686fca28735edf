/** Views that other projects add: modules of which the server says in the document that they are installed. */
import { pluginsOf } from "./base/plugins";
import type * as Host from "./host";
import type { View } from "./widgets/views";

/** What its default export is; `options` are those of the server's configuration. */
export type AddView = (host: typeof Host, options: unknown) => View | readonly View[];

/** One that cannot be loaded is left out, which the console says; the others, and our own, are there. */
export async function addedViews(document: Document): Promise<View[]> {
    const plugins = pluginsOf(document);
    if (!plugins.length) return [];
    const host = await import("./host");
    const added = plugins.map(async ({ name, module, options }) => {
        try {
            const address = new URL(module, document.baseURI).href;
            const { default: add } = (await import(/* @vite-ignore */ address)) as { default: AddView };
            return add(host, options);
        } catch (error) {
            // eslint-disable-next-line no-console -- for whoever has installed it: no page is about it
            console.error(`The view ${name}, which is no part of these pages, cannot be shown:`, error);
            return [];
        }
    });
    return (await Promise.all(added)).flat();
}
