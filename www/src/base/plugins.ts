/** What the server says in the document that is installed besides the pages. */
export interface Plugin {
    readonly name: string;
    /** Relative to the root of the pages. */
    readonly module: string;
    readonly options: unknown;
}

export function pluginsOf(document: Document): readonly Plugin[] {
    const meta = document.querySelector<HTMLMetaElement>('meta[name="buildbot-status"]');
    return meta ? (JSON.parse(meta.content) as { readonly plugins: readonly Plugin[] }).plugins : [];
}
