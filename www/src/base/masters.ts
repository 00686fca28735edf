/** Whether anything is built at all. A master that stops takes back what it runs: its builders, its workers. */

interface Master {
    readonly active: boolean;
}

/** Masters have used the database, and none runs: how things were left is the last that is known of them. */
export function isDeserted(masters: readonly Master[]): boolean {
    return masters.length > 0 && !masters.some(({ active }) => active);
}

/** When the last master was heard of, if none runs. */
export function desertedSince(masters: readonly (Master & { readonly last_active: number })[]): number | undefined {
    return isDeserted(masters) ? Math.max(...masters.map(({ last_active }) => last_active)) : undefined;
}
