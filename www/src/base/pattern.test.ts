import { describe, expect, expectTypeOf, test } from "vitest";
import { match, variables, type Params } from "./pattern";

describe("match", () => {
    test("takes one segment for each variable", () => {
        expect(match("builders/:builder/builds/:number", "builders/3/builds/7")).toEqual({ builder: "3", number: "7" });
    });

    test.each(["builders/3", "builders/3/builds/7/steps", "workers/3/builds/7", "builders//builds"])(
        "does not match %s",
        (path) => {
            expect(match("builders/:builder/builds/:number", path)).toBeUndefined();
        },
    );

    test("decodes what a segment says, a slash too", () => {
        expect(match("builders/:builder", "builders/a%2Fb%20%E2%82%AC")).toEqual({ builder: "a/b €" });
    });

    test("matches nothing where the bytes are no UTF-8", () => {
        expect(match("builders/:builder", "builders/%ff")).toBeUndefined();
    });

    test.each(["", "/"])("has an empty pattern for the root, %j", (path) => {
        expect(match("", path)).toEqual({});
        expect(match("about", path)).toBeUndefined();
    });

    test("does not mind slashes at the ends", () => {
        expect(match("/about/", "about")).toEqual({});
        expect(match("about", "/about/")).toEqual({});
    });

    test("knows the variables' names as types", () => {
        type Wanted = { readonly builder: string; readonly number: string } | { readonly build: string };
        expectTypeOf<Params<"builders/:builder/builds/:number" | "builds/:build">>().toEqualTypeOf<Wanted>();
    });
});

test("variables counts them", () => {
    expect(["", "about", "a/:b", "a/:b/:c"].map(variables)).toEqual([0, 0, 1, 2]);
});
