import { describe, expect, test } from "vitest";
import { resolve, withoutHash } from "./places";
import { defineView } from "./views";

const load = () => Promise.resolve({ default: () => null });
const VIEWS = [
    defineView({ name: "home", title: "Home", paths: [""], load }),
    defineView({ name: "builder", title: "Builder", paths: ["builders/:builder"], load }),
    defineView({ name: "builders", title: "Builders", paths: ["builders", "builders/all"], load }),
];
const BASE = new URL("https://ci.example.org/sub/path/");

function at(address: string) {
    const place = resolve(VIEWS, BASE, new URL(address, BASE));
    return place && [place.view.name, place.params];
}

describe("resolve", () => {
    test("finds the view below the root of the pages, wherever that is", () => {
        expect(at("builders/3")).toEqual(["builder", { builder: "3" }]);
        expect(at("builders/")).toEqual(["builders", {}]);
    });

    test("finds the root with and without its slash", () => {
        expect(at("./")).toEqual(["home", {}]);
        expect(at("/sub/path")).toEqual(["home", {}]);
    });

    test("prefers the path with fewer variables, in whichever order views are found", () => {
        expect(at("builders/all")).toEqual(["builders", {}]);
    });

    test("leaves the query to the page", () => {
        expect(at("builders/3?branch=main#top")).toEqual(["builder", { builder: "3" }]);
    });

    test.each(["about/api", "/builders/3", "/sub/pathetic", "https://elsewhere.example.org/sub/path/builders"])(
        "has no view for %s",
        (address) => {
            expect(at(address)).toBeUndefined();
        },
    );
});

describe("withoutHash", () => {
    test.each([
        ["#/builders/3/builds/7", "builders/3/builds/7"],
        ["#/grid?branch=main", "grid?branch=main"],
        ["#/", "./"],
        ["#//elsewhere.example.org/", ".//elsewhere.example.org/"],
        ["builders/3#line-7", "builders/3#line-7"],
    ])("%s is %s", (given, wanted) => {
        expect(withoutHash(BASE, new URL(given, BASE)).href).toBe(new URL(wanted, BASE).href);
    });
});
