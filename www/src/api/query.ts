/** Parameters of a call, as data: `{ complete: true, order: "-buildid", field: ["buildid", "number"] }`. */

export type Value = string | number | boolean;
export type Query = Readonly<Record<string, Value | readonly (string | number)[]>>;

/** The values of a parameter, of which there may be several. */
export function valuesOf(query: Query, name: string): readonly Value[] {
    const value = query[name];
    return value === undefined ? [] : typeof value === "object" ? value : [value];
}

/** As it is written in a URL, without the question mark. */
export function toSearch(query: Query): string {
    const search = new URLSearchParams();
    for (const name of Object.keys(query)) {
        for (const value of valuesOf(query, name)) search.append(name, String(value));
    }
    return search.toString();
}

/** A text that is the same for calls that mean the same: neither the order of names nor that of values matters, but for `order`. */
export function canonical(path: string, query: Query): string {
    const pairs = Object.keys(query)
        .sort()
        .map((name) => {
            const values = valuesOf(query, name).map(String);
            return [name, ...(/(^|[.])order$/.test(name) ? values : values.sort())];
        })
        .filter((pair) => pair.length > 1);
    return JSON.stringify([path, ...pairs]);
}

/** The parameters that a relation has below its name (`steps.limit` of `steps`), without it. */
export function below(query: Query, relation: string): Query {
    const prefix = `${relation}.`;
    return Object.fromEntries(
        Object.entries(query)
            .filter(([name]) => name.startsWith(prefix))
            .map(([name, value]) => [name.slice(prefix.length), value]),
    );
}

/** The same without some parameters. */
export function without(query: Query, ...names: readonly string[]): Query {
    return Object.fromEntries(Object.entries(query).filter(([name]) => !names.includes(name)));
}
