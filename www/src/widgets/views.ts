/** What a view is. Each is a folder of its own under src/views, whose index.ts has one as its default export. */
import type { ComponentType } from "preact";
import type { Params } from "../base/pattern";

/** What a page is given. It stays mounted while only the query changes, and is made anew for another path. */
export interface PageProps<Pattern extends string = string> {
    readonly params: Params<Pattern>;
    readonly query: URLSearchParams;
}

/** A module of a view's page, as `import("./page")` gives it. */
export interface PageModule<Pattern extends string> {
    readonly default: ComponentType<PageProps<Pattern>>;
}

export interface ViewDefinition<Pattern extends string> {
    /** The folder's. */
    readonly name: string;
    /** What the window is called while the page has said nothing better. */
    readonly title: string;
    /** Patterns of the paths at which it is, relative to the root of the pages; `""` is the root itself. */
    readonly paths: readonly Pattern[];
    /** Its place in the navigation, which leads to the first of its paths. */
    readonly nav?: {
        readonly text: string;
        /** The lowest is first. Those from 500 on stand behind *More*; on a phone the first four stand in the bar. */
        readonly order: number;
        /** With `g` before it, this key leads there. */
        readonly key?: string;
    };
    /** Of a view that is not in the navigation: the name of the one there that it belongs to. */
    readonly within?: string;
    /** Brings the page's code, when it is first shown. */
    readonly load: () => Promise<PageModule<Pattern>>;
}

export type View = ViewDefinition<string>;

/** A view, checked: `load` must give a page that can be shown at every one of `paths`. */
export function defineView<const Pattern extends string>(definition: ViewDefinition<Pattern>): View {
    return definition;
}
