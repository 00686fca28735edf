/** What somebody chose on a page, as a part of its address: so it can be linked to, kept and gone back to. */

/** A list has no order of its own, and no text in it is empty. */
export type QueryValue = string | number | boolean | readonly string[];

/** A value that not every text is. */
export interface Form<Value extends string | readonly string[]> {
    /** As it is where the address does not say it. */
    readonly usual: Value;
    readonly accepts: (text: string) => boolean;
    /** In words: what would be right. */
    readonly right: string;
}

/** The values that there are, each by its default, or by its form. */
export type QueryState = Readonly<Record<string, QueryValue | Form<string> | Form<readonly string[]>>>;

/** With the types of the defaults, but of any value. */
export type Widened<State extends QueryState> = {
    readonly [Name in keyof State]: State[Name] extends Form<infer Value>
        ? Value
        : State[Name] extends string
          ? string
          : State[Name] extends number
            ? number
            : State[Name] extends boolean
              ? boolean
              : readonly string[];
};

/** One of some words: by default the first. */
export function oneOf<const Word extends string>(...words: readonly [Word, ...Word[]]): Form<Word> {
    return { usual: words[0], ...wordsOf(words) };
}

/** Some of some words: by default none. */
export function someOf<const Word extends string>(...words: readonly Word[]): Form<readonly Word[]> {
    return { usual: [], ...wordsOf(words) };
}

/** A text of a certain kind; by default none. */
export function textOf(accepts: (text: string) => boolean, right: string): Form<string> {
    return { usual: "", accepts, right };
}

function wordsOf(words: readonly string[]): Pick<Form<string>, "accepts" | "right"> {
    return { accepts: (text) => words.includes(text), right: listed(words.filter(Boolean), "or") };
}

/** What the address says of each of the defaults; what it does not say, or says wrongly, is as by default. */
export function readState<State extends QueryState>(defaults: State, query: URLSearchParams): Widened<State> {
    return Object.fromEntries(
        Object.entries(defaults).map(([name, value]) => [
            name,
            isForm(value)
                ? read(value.usual, query.getAll(name).filter(value.accepts))
                : read(value, query.getAll(name)),
        ]),
    ) as Widened<State>;
}

/** The query with a new state in it: what is as by default is left out, and other parameters stay. */
export function writeState(
    defaults: QueryState,
    state: Readonly<Record<string, QueryValue>>,
    query: URLSearchParams,
): URLSearchParams {
    const written = new URLSearchParams(query);
    for (const [name, value] of Object.entries(state)) {
        const texts = texted(value);
        written.delete(name);
        const usual = texted(usualOf(defaults[name] ?? ""));
        if (texts.join("\n") !== usual.join("\n")) {
            // A list that is empty, though it is not so by default, must be said too.
            for (const text of texts.length ? texts : [""]) written.append(name, text);
        }
    }
    return written;
}

/** Something in an address that means nothing. */
export interface Misread {
    readonly name: string;
    readonly text: string;
    /** In words: what would mean something. */
    readonly right: string;
}

/** What a query says that means nothing to any of the states, which are all that read it. */
export function misreadOf(states: readonly QueryState[], query: URLSearchParams): Misread[] {
    const known = new Map(states.flatMap((state) => Object.entries(state)));
    const names = listed([...known.keys()], "and");
    return [...query].flatMap(([name, text]) => {
        const value = known.get(name);
        if (value === undefined) return { name, text, right: `this page knows ${names}` };
        const right = text === "" ? undefined : wrongly(value, text);
        return right === undefined ? [] : { name, text, right: `${name} may be ${right}` };
    });
}

/** What would be right; undefined if it is. */
function wrongly(value: QueryState[string], text: string): string | undefined {
    if (isForm(value)) return value.accepts(text) ? undefined : value.right;
    if (typeof value === "number") return text.trim() && Number.isFinite(Number(text)) ? undefined : "a number";
    if (typeof value === "boolean") return ["true", "false"].includes(text) ? undefined : "true or false";
    return undefined;
}

function isForm(value: QueryState[string]): value is Form<string> | Form<readonly string[]> {
    return typeof value === "object" && "accepts" in value;
}

function usualOf(value: QueryState[string]): QueryValue {
    return isForm(value) ? value.usual : value;
}

function read(value: QueryValue, given: readonly string[]): QueryValue {
    const [first] = given;
    if (first === undefined) return value;
    if (typeof value === "string") return first;
    if (typeof value === "number") return wrongly(value, first) ? value : Number(first);
    if (typeof value === "boolean") return wrongly(value, first) ? value : first === "true";
    return [...new Set(given)].filter(Boolean).sort();
}

function texted(value: QueryValue): readonly string[] {
    return typeof value === "object" ? [...value].sort() : [String(value)];
}

function listed(words: readonly string[], last: "or" | "and"): string {
    return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} ${last} ${String(words.at(-1))}`;
}
