/** Which code a build was of, as far as that is known. */

export interface Built {
    readonly sourcestamps: readonly {
        readonly ssid: number;
        readonly revision: string | null;
        readonly codebase: string;
    }[];
    /** With `property=got_revision`. */
    readonly properties: Readonly<Record<string, unknown>>;
}

/** What each source stamp came to: the revision that a step got, or else the one that was asked for. */
export function revisionsOf({ sourcestamps, properties }: Built): (string | null)[] {
    const property = properties["got_revision"];
    const got: unknown = Array.isArray(property) ? property[0] : undefined;
    return sourcestamps.map(
        ({ revision, codebase }) =>
            (typeof got === "string" && sourcestamps.length === 1 ? got : ofCodebase(got, codebase)) ?? revision,
    );
}

/**
 * Alike for builds of the same source stamps, whose patches are the same, too, that came to the same revisions. Where neither the
 * source stamp nor the build says which one that was, such as the newest of a branch, nothing is known.
 */
export function codeOf(build: Built): string | undefined {
    const revisions = revisionsOf(build);
    if (revisions.length === 0 || revisions.includes(null)) return undefined;
    return build.sourcestamps
        .map(({ ssid }, index) => `${ssid} ${revisions[index] ?? ""}`)
        .sort()
        .join();
}

function ofCodebase(got: unknown, codebase: string): string | undefined {
    if (typeof got !== "object" || got === null) return undefined;
    const found = (got as Readonly<Record<string, unknown>>)[codebase];
    return typeof found === "string" ? found : undefined;
}
