/** What a page wants to see, and to go on seeing as it changes: a path and a query, as data. */
import { TYPES } from "./generated";
import { orderOf, type By } from "./order";
import { leadOf, topicOf, wordOf } from "./paths";
import { below, canonical, valuesOf, without, type Query } from "./query";
import type { RowOf } from "./rows";

export interface Options {
    /** Which events are about the list, where the path with all that is below it does not say so; false: none are, it stays as it was listed. */
    readonly topic?: string | false;
    /** A topic: at its events the list is asked for anew, once for all of some seconds. For what its own events do not tell, such as derived fields. */
    readonly again?: string;
    /** In seconds: it is asked for anew so often, for what nothing is announced of. */
    readonly every?: number;
    /** Somebody scrolls through it, and goes on to: as long as anything is scrolled, its end is not dropped for what comes in at its beginning. */
    readonly endless?: boolean;
    /** Of relations that `expand=` names: which events keep them right, and which field of a related record names its row. */
    readonly embed?: Readonly<Record<string, { readonly topic: string; readonly parent: string }>>;
}

/** Rows of one type, or those below each of them: what tells them apart, and their order. */
export interface Shape {
    readonly key: string;
    readonly order: readonly By[];
}

/** Something that happens to be told of, and with which parameters. */
export interface Follow {
    readonly topic: string;
    readonly query: Query;
}

export interface Embedded extends Shape, Follow {
    readonly word: string;
    /** The field that names the row that one belongs to. */
    readonly parent: string;
}

/** All that there is to know before anything is asked. `Row` is for the compiler alone. */
export interface LiveQuery<Row> extends Shape {
    readonly id: string;
    readonly path: string;
    /** With the fields that it takes to keep the list right, whoever asked for them. */
    readonly query: Query;
    /** How many are wanted at first; undefined: as many as the server sends. */
    readonly limit: number | undefined;
    readonly follow: Follow | undefined;
    readonly again: Follow | undefined;
    readonly every: number | undefined;
    readonly endless: boolean;
    /** It is asked for in a batch of its own. */
    readonly apart: boolean;
    readonly embedded: readonly Embedded[];
    readonly row?: Row;
}

/** For the list alone: a subscription does not take them. */
const OF_LISTS = ["limit", "offset", "order", "total", "page"];

/** Throws for a path that is none of the API's, because that is an error in the program. */
export function live<const Path extends string, const Q extends Query>(
    path: Path,
    query?: Q,
    options: Options = {},
): LiveQuery<RowOf<Path, Q>> {
    const lead = leadOf(path);
    if (!lead) throw new Error(`${path} is no path of the API`);
    const type = TYPES[lead.type];
    const given: Query = query ?? {};
    const order = lead.many ? orderOf(given, type) : [{ field: type.key, descending: false }];
    const embedded = Object.entries(options.embed ?? {}).map(([word, how]) => embed(word, how, below(given, word)));
    const asked = embedded.reduce(
        (all, { word, query: own }) => (own["field"] ? { ...all, [`${word}.field`]: own["field"] } : all),
        withFields(given, [type.key, ...order.map(({ field }) => field)]),
    );
    const topic = options.topic ?? topicOf(path, lead.many);
    const limit = given["limit"];
    return {
        id: canonical(path, {
            ...asked,
            options: JSON.stringify([topic, options.again, options.every, options.endless, options.embed]),
        }),
        path,
        query: asked,
        key: type.key,
        order,
        limit: typeof limit === "number" ? limit : undefined,
        follow: topic === false ? undefined : { topic, query: followed(asked, lead.type) },
        every: options.every,
        endless: options.endless ?? false,
        // Where what the server keeps for itself is in another database than Buildbot's, no batch may hold both.
        apart: type.own,
        again: options.again === undefined ? undefined : { topic: options.again, query: { conflate: true } },
        embedded,
    };
}

function embed(word: string, { topic, parent }: { topic: string; parent: string }, query: Query): Embedded {
    const lead = wordOf(word);
    if (!lead?.many) throw new Error(`${word} is no relation to many`);
    const type = TYPES[lead.type];
    const order = orderOf(query, type);
    const asked = withFields(query, [type.key, parent, ...order.map(({ field }) => field)]);
    return { word, parent, topic, key: type.key, order, query: followed(asked, lead.type) };
}

/** The query with some more fields, if it leaves any out. */
function withFields(query: Query, more: readonly string[]): Query {
    const fields = valuesOf(query, "field").map(String);
    return fields.length ? { ...query, field: [...new Set([...fields, ...more])] } : query;
}

/** The parameters of a subscription to the same. What depends on other things is not in events. */
function followed(query: Query, plural: keyof typeof TYPES): Query {
    const derived: readonly string[] = TYPES[plural].derived;
    // Whoever keeps a list wants the newest state of each thing, once.
    const rest = { ...without(query, ...OF_LISTS), conflate: true };
    const fields = valuesOf(query, "field").map(String);
    return fields.length ? { ...rest, field: fields.filter((field) => !derived.includes(field)) } : rest;
}
