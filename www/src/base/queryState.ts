/** What somebody chose on a page, as a part of its address: so it can be linked to, kept and gone back to. */

/** A list has no order of its own, and no text in it is empty. */
export type QueryValue = string | number | boolean | readonly string[];
export type QueryState = Readonly<Record<string, QueryValue>>;

/** With the types of the defaults, but of any value. */
export type Widened<State extends QueryState> = {
    readonly [Name in keyof State]: State[Name] extends string
        ? string
        : State[Name] extends number
          ? number
          : State[Name] extends boolean
            ? boolean
            : readonly string[];
};

/** What the address says of each of the defaults; what it does not say, or says wrongly, is as by default. */
export function readState<State extends QueryState>(defaults: State, query: URLSearchParams): Widened<State> {
    return Object.fromEntries(
        Object.entries(defaults).map(([name, value]) => [name, read(value, query.getAll(name))]),
    ) as Widened<State>;
}

/** The query with a new state in it: what is as by default is left out, and other parameters stay. */
export function writeState(defaults: QueryState, state: QueryState, query: URLSearchParams): URLSearchParams {
    const written = new URLSearchParams(query);
    for (const [name, value] of Object.entries(state)) {
        const texts = texted(value);
        written.delete(name);
        const usual = texted(defaults[name] ?? "");
        if (texts.join("\n") !== usual.join("\n")) {
            // A list that is empty, though it is not so by default, must be said too.
            for (const text of texts.length ? texts : [""]) written.append(name, text);
        }
    }
    return written;
}

function read(value: QueryValue, given: readonly string[]): QueryValue {
    const [first] = given;
    if (first === undefined) return value;
    if (typeof value === "string") return first;
    if (typeof value === "number") return first.trim() && Number.isFinite(Number(first)) ? Number(first) : value;
    if (typeof value === "boolean") return first === "true" || (first !== "false" && value);
    return [...new Set(given)].filter(Boolean).sort();
}

function texted(value: QueryValue): readonly string[] {
    return typeof value === "object" ? [...value].sort() : [String(value)];
}
