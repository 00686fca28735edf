import { describe, expect, test } from "vitest";
import type { Fields } from "../api/http";
import { Router } from "./router";
import { ask, type Found, type Source } from "./sources";
import { buildsOf, changesOf, sourcesOf, statusOfAll, testsOf } from "./surroundings";
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

describe("changesOf", () => {
    const changes = [
        { changeid: 8, author: "Ada <ada@example.org>", comments: "", revision: null, branch: null },
        {
            changeid: 7,
            author: "Béla <b@example.org>",
            comments: "Fix it\n\nIt leaked.",
            revision: "cafe012345678",
            branch: "main",
        },
    ];
    test.each([
        ["leaked BÉLA", ["Fix it"]],
        ["cafe01", ["Fix it"]],
        ["fe01", []],
        ["main fix", ["Fix it"]],
        ["ada", ["Change 8"]],
        ["ada leaked", []],
    ])("%s is %s", (typed, titles) => {
        expect(changesOf(typed, changes).map(({ title }) => title)).toEqual(titles);
    });

    test("lead to their pages, and say of which revision and by whom they are", () => {
        expect(changesOf("cafe", changes)).toEqual([
            { title: "Fix it", detail: "cafe012345 main Béla", href: "changes/7" },
        ]);
    });
});

describe("sourcesOf", () => {
    const view = (name: string, path: string) =>
        defineView({ name, title: name, paths: [path], load: () => Promise.resolve({ default: () => null }) });
    const document = { baseURI: "http://ci.example.org/" };
    const window = { document, location: { href: document.baseURI } } as unknown as Window;
    const router = new Router(
        [
            view("builder", "builders/:builder"),
            view("build", "builders/:builder/builds/:number"),
            view("change", "changes/:change"),
        ],
        window,
    );

    const ROWS: Readonly<Record<string, Fields[]>> = {
        builders: [{ builderid: 1, name: "linux-7", tags: ["quick"] }],
        workers: [{ workerid: 3, name: "linux-worker" }],
        changes: [{ changeid: 9, author: "Ada", comments: "Mend all", revision: "12", branch: null }],
    };

    function setUp() {
        const asked: string[] = [];
        let failing = 0;
        const sources = sourcesOf(
            {
                get(path) {
                    asked.push(path);
                    if (failing-- > 0) return Promise.reject(new Error("unreachable"));
                    return Promise.resolve({ rows: ROWS[path] ?? [], meta: {}, cursor: undefined });
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

    test("finds changes once something is typed", async () => {
        const { find, asked } = setUp();
        await find("");
        expect(asked).not.toContain("changes");
        expect(await find("ada mend")).toEqual([["Mend all changes/9"], []]);
    });

    test("asks the server once for all that is typed", async () => {
        const { find, asked } = setUp();
        for (const typed of ["l", "li", "lin", "lin 4"]) await find(typed);
        expect(asked).toEqual(["builders", "workers", "changes"]);
    });

    test("asks again after a failure", async () => {
        const { find, fail } = setUp();
        fail(3);
        expect(await find("lin 4")).toEqual([[], ["Builders", "Builds", "Workers", "Changes"]]);
        expect(await find("lin 4")).toEqual([["linux-7 #4 builders/1/builds/4"], []]);
    });
});
