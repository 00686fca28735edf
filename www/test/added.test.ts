/** The view of another project that README.rst shows, as it stands there, in the built pages over a real server. */
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { Api } from "../src/api/http";
import { CHROMIUM } from "./built";
import { beginBuild, endBuild } from "./pages";
import { HAS_SERVER, Replay } from "./replay";
import { asked, complaints, page, site, tolerate } from "./site";

const README = readFileSync(new URL("../README.rst", import.meta.url), "utf8");
const [, INDENTED = ""] = /:name: heat-index-js\n\n((?: {3}.*\n|\n)+)/.exec(README) ?? [];
const HEAT = INDENTED.replace(/^ {3}/gm, "");
const FAILING = `export default ({ defineView }) => defineView({
    name: "failing",
    title: "Failing",
    paths: ["failing"],
    load: async () => ({ default: () => { throw new Error("planted"); } }),
});`;
const HEAD = `<meta name="buildbot-status" content='${JSON.stringify({
    plugins: [
        { name: "heat", module: "plugins/heat/index.js", options: { days: 3650 } },
        { name: "broken", module: "plugins/broken/index.js", options: null },
        { name: "failing", module: "plugins/failing/index.js", options: null },
    ],
})}'>`;

describe.skipIf(!CHROMIUM || !HAS_SERVER)("a view of another project", () => {
    let replay: Replay;

    site(async (keep) => {
        replay = await keep(Replay.played(20, "--seed", "7", "--together", "1"));
        await replay.attach();
        const files = {
            "plugins/heat/index.js": HEAT,
            "plugins/broken/index.js": "throw new Error('planted');",
            "plugins/failing/index.js": FAILING,
        };
        return { api: replay.base, files, head: HEAD };
    });

    beforeEach(() => tolerate(/planted/));

    const shown = () => page.locator("main li").allTextContents();

    async function expected(): Promise<string[]> {
        const { answers } = await new Api(replay.base, fetch).batch([
            ["builders", { order: "name" }],
            ["builds", { results: 2, limit: 1000 }],
        ]);
        const [builders = [], failed = []] = answers.map((answer) => ("rows" in answer ? answer.rows : []));
        return builders.map(({ builderid, name }) => {
            const count = failed.filter((build) => build["builderid"] === builderid).length;
            return `${String(name)}: ${count}`;
        });
    }

    test("shows what it asks for in one request, beside one that cannot be loaded", async () => {
        await page.goto("heat");
        await page.getByRole("heading", { name: "Failures of 3650 days" }).waitFor();
        const list = await shown();
        expect(list.join()).toMatch(/: [1-9]/);
        expect(list).toEqual(await expected());
        expect(asked).toEqual(["batch"]);
        expect(complaints).toEqual([expect.stringContaining("The view broken, which is no part of these pages")]);
        beginBuild(replay.database, 9001);
        endBuild(replay.database, 9001, 2, "failed");
        await expect.poll(shown).not.toEqual(list);
        expect(await shown()).toEqual(await expected());
    });

    test("is in the navigation", async () => {
        await page.goto("heat");
        await page.getByRole("button", { name: "More" }).click();
        await page.getByRole("link", { name: "Heat" }).waitFor();
    });

    test("that fails takes nothing else with it", async () => {
        await page.goto("failing");
        await page.getByRole("heading", { name: "This page has failed" }).waitFor();
        expect(complaints.join()).toContain("Error: planted");
        await page.getByRole("link", { name: "Builders", exact: true }).click();
        await page.getByRole("heading", { name: "Builders" }).waitFor();
    });
});
