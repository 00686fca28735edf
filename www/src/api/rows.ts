/** The types of rows, from a path and a query as they stand in the source. */
import type { ResourceTypes, WORDS } from "./generated";

type Words = typeof WORDS;
type Word = keyof Words;
type Many = { [W in Word]: Words[W]["many"] extends true ? W : never }[Word];
type ByPlural = { [T in keyof ResourceTypes as ResourceTypes[T]["plural"]]: ResourceTypes[T] };

/** The word that says what is at the end of a path: after one that leads to many comes a value. */
type LastWord<Path extends string> = Path extends `${infer Head}/${infer Rest}`
    ? Head extends Many
        ? Rest extends `${string}/${infer Further}`
            ? LastWord<Further>
            : Head
        : LastWord<Rest>
    : Path;

/** What the texts of a parameter are that has one or several. */
type Texts<Query, Name extends string> = Query extends { readonly [N in Name]: infer Given }
    ? Given extends readonly (infer Each)[]
        ? Each
        : Given
    : never;

type Split<Text> = Text extends `${infer Head},${infer Rest}` ? Head | Split<Rest> : Text;

type RecordOf<W> = W extends Word
    ? Words[W]["plural"] extends infer P extends keyof ByPlural
        ? ByPlural[P]["record"]
        : never
    : never;

/** The fields that are asked for; without `field=` all but the derived ones. */
type Asked<Record, Names> = [Names] extends [never] ? Record : Pick<Record, Names & keyof Record>;

type Expanded<Record, Query, Relations> = {
    readonly [R in Relations & keyof Record & string]-?: Related<NonNullable<Record[R]>, R, Query> | NullOf<Record[R]>;
};
type Related<Found, R extends string, Query> = Found extends readonly unknown[]
    ? readonly Readonly<Asked<RecordOf<R>, Texts<Query, `${R}.field`>>>[]
    : Readonly<Asked<RecordOf<R>, Texts<Query, `${R}.field`>>>;
type NullOf<Value> = Extract<Value, null>;

/** A row of what is at a path. A path that is not known while compiling, such as any string, gives rows of anything. */
export type RowOf<Path extends string, Query> = string extends Path
    ? Readonly<Record<string, unknown>>
    : Readonly<Omit<Asked<RecordOf<LastWord<Path>>, Texts<Query, "field">>, Split<Texts<Query, "expand">> & string>> &
          Expanded<RecordOf<LastWord<Path>>, Query, Split<Texts<Query, "expand">>>;
