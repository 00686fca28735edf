import { describe, expect, expectTypeOf, test } from "vitest";
import type { Build, Builder, Step } from "./generated";
import { live, type LiveQuery } from "./live";

/** For the compiler: there is nothing at run time. */
const row = <Row>(query: LiveQuery<Row>) => expectTypeOf(query.row as Row);
const keys = <Row>(query: LiveQuery<Row>) => expectTypeOf(query.row as unknown as keyof Row);

describe("rows are typed by", () => {
    test("what is at the path", () => {
        const [id, name] = [7, "linux"] as [number, string];
        row(live("builders")).toHaveProperty("tags").toEqualTypeOf<Builder["tags"]>();
        row(live(`builders/${id}/builds`, { limit: 3 }))
            .toHaveProperty("number")
            .toEqualTypeOf<number>();
        row(live(`builders/${name}/builds/${id}/steps`))
            .toHaveProperty("stepid")
            .toEqualTypeOf<Step["stepid"]>();
        row(live("builds/7/builder")).toHaveProperty("name").toEqualTypeOf<string>();
    });

    test("the fields that are asked for", () => {
        const some = live("builds", { field: ["number", "eta"] });
        keys(some).toEqualTypeOf<"number" | "eta">();
        row(some).toHaveProperty("number").toEqualTypeOf<Build["number"]>();
        // Events do not have it, so it may be missing.
        row(some).toHaveProperty("eta").toEqualTypeOf<number | null | undefined>();
    });

    test("what is embedded, and its fields", () => {
        const some = live("builds", { field: "number", expand: "steps,builder", "steps.field": ["name", "results"] });
        keys(some).toEqualTypeOf<"number" | "steps" | "builder">();
        type Steps = readonly Readonly<Pick<Step, "name" | "results">>[];
        row(some).toHaveProperty("steps").toEqualTypeOf<Steps>();
        row(some).toHaveProperty("builder").toEqualTypeOf<Readonly<Builder> | null>();
    });

    test("nothing where the path is not known", () => {
        const path: string = "builds/" + String(7);
        row(live(path)).toEqualTypeOf<Readonly<Record<string, unknown>>>();
    });
});

test("a path that is none is an error in the program", () => {
    expect(() => live("buildz")).toThrow("buildz is no path");
});
