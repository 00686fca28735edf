/** Patterns of paths, such as `builders/:builder/builds/:number`: a variable takes one segment, whatever is in it. */

/** The names of a pattern's variables. */
export type Names<Pattern extends string> = Pattern extends `${infer Head}/${infer Rest}`
    ? Names<Head> | Names<Rest>
    : Pattern extends `:${infer Name}`
      ? Name
      : never;

/** The values that the variables of a pattern have taken: of one of them, where there are several patterns. */
export type Params<Pattern extends string> = Pattern extends string
    ? { readonly [Name in Names<Pattern>]: string }
    : never;

/** How many of a pattern's segments are variables: where several patterns match, the one with the fewest is meant. */
export function variables(pattern: string): number {
    return segments(pattern).filter((segment) => segment.startsWith(":")).length;
}

/**
 * What the variables of a pattern are in a path, decoded; undefined if it does not match. Slashes at the ends of either
 * mean nothing. Bytes that are no UTF-8 match nothing.
 */
export function match<Pattern extends string>(pattern: Pattern, path: string): Params<Pattern> | undefined {
    const wanted = segments(pattern);
    const given = segments(path);
    if (wanted.length !== given.length) return undefined;
    const params: Record<string, string> = {};
    for (const [index, segment] of wanted.entries()) {
        const value = decoded(given[index] ?? "");
        if (value === undefined) return undefined;
        if (segment.startsWith(":")) params[segment.slice(1)] = value;
        else if (segment !== value) return undefined;
    }
    return params as Params<Pattern>;
}

function segments(path: string): string[] {
    return path.replace(/^\/+|\/+$/g, "").split("/");
}

function decoded(segment: string): string | undefined {
    try {
        return decodeURIComponent(segment);
    } catch {
        return undefined;
    }
}
