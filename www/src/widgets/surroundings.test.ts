import { describe, expect, test } from "vitest";
import { Router } from "./router";
import { ask, type Found, type Source } from "./sources";
import { buildsOf, sourcesOf, statusOfAll, testsOf } from "./surroundings";
import { defineView } from "./views";

const BUILDERS = [
    { title: "linux-7", href: "builders/1" },
    { title: "docs", href: "builders/2" },
];

describe("what was found", () => {
    const source = (name: string, titles: readonly string[], more: Partial<Source> = {}): Source => ({
        name,
        entries: () => titles.map((title) => ({ title, detail: "quick" })),
        ...more,
    });
    const sources = [
        source("Pages", ["Linux farm"], { usual: true }),
        source("Builders", ["linux-x86_64-release", "linux-x86_64", "docs"]),
        source("Builds", ["linux-x86_64 #7"], { exact: true }),
        source("Workers", ["linux", "linux1"]),
    ];
    async function find(typed: string) {
        let answer: readonly Found[] = [];
        await ask(sources, typed, new AbortController().signal, (found) => (answer = found));
        return answer.map(({ title }) => title);
    }

    test("comes in the order of the sources where it matches alike, the shorter first, pages at last", async () => {
        expect(await find("lin")).toEqual([
            "linux-x86_64",
            "linux-x86_64-release",
            "linux-x86_64 #7",
            "linux",
            "linux1",
            "Linux farm",
        ]);
    });

    test("comes first where it matches best, whatever it is", async () => {
        expect((await find("linux"))[0]).toBe("linux");
        expect((await find("farm"))[0]).toBe("Linux farm");
    });

    test("is all that there is while nothing is typed, pages first", async () => {
        expect((await find("")).slice(0, 3)).toEqual(["Linux farm", "linux-x86_64-release", "linux-x86_64"]);
    });
});

describe("how things are on the whole", () => {
    const builder = (results: number | undefined, masterids = [1]) => ({
        masterids,
        builds: results === undefined ? [] : [{ buildid: 1, builderid: 1, number: 1, results }],
    });
    test.each([
        ["nothing is broken", [builder(0), builder(1), builder(undefined)], false, "success"],
        ["a build failed", [builder(0), builder(2)], false, "failure"],
        ["a build went wrong in another way", [builder(4)], false, "failure"],
        ["what failed is of a builder that no master runs", [builder(0), builder(2, [])], false, "success"],
        ["no master runs any of them", [builder(2, [])], true, "failure"],
        ["there are no builders", [builder(2, [])], false, undefined],
    ])("%s", (_, builders, deserted, status) => {
        expect(statusOfAll(builders, deserted)).toBe(status);
    });
});

describe("testsOf", () => {
    test.each([
        ["tests lin", ["Tests of linux-7"]],
        ["docs test", ["Tests of docs"]],
        ["Tests", ["Tests of linux-7", "Tests of docs"]],
        ["latest", []],
        ["", []],
    ])("%s is %s", (typed, titles) => {
        expect(testsOf(typed, BUILDERS).map(({ title }) => title)).toEqual(titles);
    });
});

describe("buildsOf", () => {
    test.each([
        ["lin 12", ["linux-7 #12"]],
        ["lin7 #12", ["linux-7 #12"]],
        ["docs#3", ["docs #3"]],
        ["linux-7", []],
        ["lin 12 x", []],
        ["12", []],
        ["", []],
    ])("%s is %s", (typed, titles) => {
        expect(buildsOf(typed, BUILDERS).map(({ title }) => title)).toEqual(titles);
    });
});

describe("sourcesOf", () => {
    const view = (name: string, path: string) =>
        defineView({ name, title: name, paths: [path], load: () => Promise.resolve({ default: () => null }) });
    const document = { baseURI: "http://ci.example.org/" };
    const window = { document, location: { href: document.baseURI } } as unknown as Window;
    const router = new Router(
        [view("builder", "builders/:builder"), view("build", "builders/:builder/builds/:number")],
        window,
    );

    function setUp() {
        const asked: string[] = [];
        let failing = 0;
        const sources = sourcesOf(
            {
                get(path) {
                    asked.push(path);
                    if (failing-- > 0) return Promise.reject(new Error("unreachable"));
                    const rows =
                        path === "builders"
                            ? [{ builderid: 1, name: "linux-7", tags: ["quick"] }]
                            : [{ workerid: 3, name: "linux-worker" }];
                    return Promise.resolve({ rows, meta: {}, cursor: undefined });
                },
            },
            router,
        );
        async function find(typed: string) {
            let answer: [readonly Found[], readonly string[]] = [[], []];
            await ask(sources, typed, new AbortController().signal, (...told) => (answer = told));
            return [answer[0].map(({ title, href }) => `${title} ${href ?? ""}`), answer[1]];
        }
        return { find, asked, fail: (times: number) => (failing = times) };
    }

    test("finds builders by name and tag, and their builds by number, and nothing that has no page here", async () => {
        const { find } = setUp();
        expect(await find("lin")).toEqual([["linux-7 builders/1"], []]);
        expect(await find("quick")).toEqual([["linux-7 builders/1"], []]);
        expect(await find("lin 4")).toEqual([["linux-7 #4 builders/1/builds/4"], []]);
    });

    test("asks the server once for all that is typed", async () => {
        const { find, asked } = setUp();
        for (const typed of ["l", "li", "lin", "lin 4"]) await find(typed);
        expect(asked).toEqual(["builders", "workers"]);
    });

    test("asks again after a failure", async () => {
        const { find, fail } = setUp();
        fail(2);
        expect(await find("lin 4")).toEqual([[], ["Builders", "Builds", "Workers"]]);
        expect(await find("lin 4")).toEqual([["linux-7 #4 builders/1/builds/4"], []]);
    });
});
