/** The page of a build in a browser, over a real server on which builds happen. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Browser, Page } from "playwright-core";
import { Api, type Fields } from "../src/api/http";
import { CHROMIUM, launch, serve, type Served } from "./built";
import { writeLog } from "./logs";
import { change, faultsOf, widthOf, watched } from "./pages";
import { HAS_SERVER, Replay } from "./replay";

const HOSTILE = `<img src=x onerror="window.hit=1">\u202egnol ${"x".repeat(200)}`;

vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(!CHROMIUM || !HAS_SERVER)("the page of a build", () => {
    let replay: Replay;
    let api: Api;
    let served: Served;
    let browser: Browser;
    let page: Page;
    let complaints: string[];
    let asked: string[];
    /** The address of one that failed, in a step with a log, and of one that triggered another. */
    let red: string;
    let parent: string;

    beforeAll(async () => {
        replay = await Replay.start("--lives", "60", "--seed", "3");
        api = new Api(replay.base, fetch);
        const built = () => api.get("builds", { complete: true, limit: 70 });
        await vi.waitFor(async () => expect((await built()).rows).toHaveLength(70), 60_000);
        const { rows: failed } = await api.get("steps", { results: 2, expand: ["build", "logs"], order: "-stepid" });
        const step = failed.find(({ logs }) => (logs as unknown[]).length > 0);
        red = addressOf(step?.["build"] as Fields);
        const { rows: all } = await api.get("builds", { expand: "triggered_builds" });
        parent = addressOf(all.find(({ triggered_builds }) => (triggered_builds as unknown[]).length > 0) ?? {});
        await replay.halt();
        const lines = Array.from({ length: 50 }, (_, at) => `o${at} ${HOSTILE}`);
        const stepid = Number(step?.["stepid"]);
        writeLog(replay.database, { stepid, name: HOSTILE, lines: [...lines, "e\x1b[31mError:\x1b[0m it broke"] });
        change(replay.database, [["UPDATE steps SET state_string = ? WHERE id = ?", HOSTILE, stepid]]);
        change(replay.database, [["UPDATE changes SET author = ?, comments = ?", HOSTILE, `${HOSTILE}\n\nWhy.`]]);
        await replay.serve("--forever", "--rate", "25");
        [served, browser] = await Promise.all([serve(new URL("../", import.meta.url), { api: replay.base }), launch()]);
    }, 150_000);
    afterAll(async () => {
        await browser.close();
        await served.close();
        await replay.stop();
    });
    beforeEach(async () => {
        ({ page, complaints, asked } = await watched(browser));
    });
    afterEach(async () => {
        await page.close();
        expect(complaints).toEqual([]);
    });

    function addressOf({ builderid, number }: Fields): string {
        return `builders/${Number(builderid)}/builds/${Number(number)}`;
    }

    async function open(address: string) {
        await page.goto(new URL(address, served.base).href);
        await page.locator(".build-steps li").first().waitFor();
    }

    test("opens on why it is red, with one request", async () => {
        await open(red);
        const why = page.locator(".build-why");
        await why.getByText("it broke").waitFor();
        expect(asked.map((url) => new URL(url).pathname.split("/").at(-1))).toEqual(["batch"]);
        const top = await why.evaluate((element) => element.getBoundingClientRect().top);
        expect(top).toBeLessThan(200);
        // The end of the log is seen, in its colour; its lines are links.
        const last = why.locator(".tail .text").last();
        expect(await last.textContent()).toBe("Error: it broke\n");
        expect(await last.getAttribute("href")).toMatch(/\/steps\/\d+\/logs\/log\d+#L51$/);
        expect(await last.locator(".term-c1").textContent()).toBe("Error:");
        await why.getByRole("heading", { name: /^Changes/ }).waitFor();
        expect(await page.title()).toMatch(/^✗ .+ #\d+/);
    });

    test("shows whatever stands in it as text", async () => {
        await open(red);
        await page.locator(".build-why").getByText("it broke").waitFor();
        expect(await page.locator("main img").count()).toBe(0);
        expect(await page.evaluate(() => "hit" in window)).toBe(false);
        expect(await page.locator(".tail").filter({ hasText: "it broke" }).locator(".term-control").count()).toBe(29);
    });

    test("shows the words of an HTML log where nothing else says why, and nothing of its markup", async () => {
        const { rows } = await api.get("steps", { results: 2, expand: ["build", "logs"], order: "stepid" });
        const { stepid, build } = rows.find(({ build }) => addressOf(build as Fields) !== red) ?? {};
        change(replay.database, [
            ["DELETE FROM logs WHERE stepid = ?", Number(stepid)],
            ["DELETE FROM test_result_sets WHERE buildid = ?", Number((build as Fields)["buildid"])],
        ]);
        const lines = [
            '<html><head><style>p { color: red }</style><script>window.hit = 1</script></head><body style="color: red">',
            '<p onclick="hit()">2 &lt; 1 <b>is</b> wrong<br>in <img src=x onerror="window.hit=1">line 7</p><script>hit()</script>',
            "<table><tr><td>expected</td><td>1</td></tr></table>",
        ];
        writeLog(replay.database, { stepid: Number(stepid), name: "report.html", type: "h", lines });
        await open(addressOf(build as Fields));
        const tail = page.locator(".build-why .tail").filter({ hasText: "report.html" });
        await tail.getByText("its last words: it is HTML").waitFor();
        expect(await tail.locator(".text").allTextContents()).toEqual([
            "2 < 1 is wrong\n",
            "in line 7\n",
            "expected 1\n",
        ]);
        expect(await page.evaluate(() => "hit" in window || document.querySelector("main img") !== null)).toBe(false);
    });

    test.each(["light", "dark"] as const)("has no fault that axe finds, %s", async (colorScheme) => {
        await page.emulateMedia({ colorScheme });
        for (const address of [red, parent]) {
            await open(address);
            expect(await faultsOf(page)).toEqual([]);
        }
    });

    test("fits a phone", async () => {
        await page.setViewportSize({ width: 390, height: 780 });
        for (const address of [red, parent]) {
            await open(address);
            expect(await widthOf(page)).toBe(390);
        }
    });

    test("has builds that a step asked for in their place", async () => {
        await open(parent);
        const sub = page.locator(".build-steps ol > li .subs a").first();
        expect(await sub.getAttribute("href")).toMatch(/^builders\/\d+\/builds\/\d+$/);
        await sub.click();
        await page.getByText("Asked for by").waitFor();
    });

    test("a link to a step leads to it", async () => {
        await page.setViewportSize({ width: 1280, height: 300 });
        // That which prepares the worker: it is never the one that failed, whose names are higher than the window.
        await open(`${red}#step-0`);
        const step = page.locator("#step-0.target");
        await step.waitFor();
        await expect.poll(async () => (await step.boundingBox())?.y).toBeLessThan(280);
        expect((await step.boundingBox())?.y).toBeGreaterThan(40);
    });

    test("leads to its neighbours, by the keyboard too", async () => {
        await open(parent);
        const [, builder, number] = /builders\/(\d+)\/builds\/(\d+)/.exec(parent) ?? [];
        await page.keyboard.press("n");
        await page.waitForURL(new RegExp(`/builders/${builder}/builds/${Number(number) + 1}$`));
        await page.getByRole("link", { name: `Previous build: #${number}` }).click();
        await page.waitForURL(new RegExp(`${parent}$`));
    });

    test("-1 is the newest, and it is followed to its end", async () => {
        const { rows } = await api.get("builders", { field: "name", limit: 1 });
        const name = encodeURIComponent(String(rows[0]?.["name"]));
        await page.goto(new URL(`builders/${name}/builds/-1`, served.base).href);
        await page.waitForURL(/\/builders\/\d+\/builds\/\d+$/);
        await page.locator(".build-steps li").first().waitFor();
        await page.evaluate(() => ((window as { kept?: boolean }).kept = true));
        // One that runs: the next one, as soon as there is one.
        await page.locator("a[rel='next']").click({ timeout: 30_000 });
        await expect.poll(() => page.title(), { timeout: 30_000 }).toMatch(/^[^▸…] .+ #\d+/);
        const [, builder, number] = /builders\/(\d+)\/builds\/(\d+)/.exec(page.url()) ?? [];
        const { rows: steps } = await api.get(`builders/${builder}/builds/${number}/steps`, { hidden: false });
        await expect.poll(() => page.locator(".build-steps ol > li").count()).toBe(steps.length);
        expect(await page.evaluate(() => "kept" in window)).toBe(true);
    });

    test("is where its shortened addresses lead, and belongs to the builders", async () => {
        await page.goto(new URL("builders/1/builds/1/steps/1", served.base).href);
        await page.waitForURL(/\/builders\/1\/builds\/1#step-1$/);
        await page.locator("#step-1").waitFor();
        expect(await page.locator("nav > [aria-current]").allTextContents()).toEqual(["Builders"]);
        await page.goto(new URL("builders/1/builds", served.base).href);
        await page.waitForURL(/\/builders\/1$/);
        await page.locator(".charts").waitFor();
    });

    test("says that there is no such build", async () => {
        await page.goto(new URL("builders/1/builds/99999", served.base).href);
        await page.getByRole("alert").getByText("There is no such thing").waitFor();
        await page.goto(new URL("builders/1/builds/x", served.base).href);
        await page.getByRole("alert").getByText("no number of a build").waitFor();
        await page.getByRole("link", { name: "The builder" }).click();
        await page.locator(".charts").waitFor();
        await page.goto(new URL("builders/999999/builds/1", served.base).href);
        await page.getByRole("alert").getByRole("link", { name: "All builders" }).waitFor();
        await page.goto(new URL("builders/999999", served.base).href);
        await page.getByRole("heading", { name: "No such builder" }).waitFor();
    });
});

describe.skipIf(!CHROMIUM || !HAS_SERVER)("a step that fails while one looks", () => {
    let replay: Replay;
    let served: Served;
    let browser: Browser;
    let build: Fields;

    beforeAll(async () => {
        replay = await Replay.start("--lives", "15", "--seed", "3");
        const built = () => new Api(replay.base, fetch).get("builds", { complete: true, expand: "steps" });
        await vi.waitFor(async () => expect((await built()).rows.length).toBeGreaterThan(14), 60_000);
        build = (await built()).rows.findLast(({ steps }) => (steps as unknown[]).length > 1) ?? {};
        await replay.halt();
        [served, browser] = await Promise.all([serve(new URL("../", import.meta.url), { api: replay.base }), launch()]);
    }, 150_000);
    afterAll(async () => {
        await browser.close();
        await served.close();
        await replay.stop();
    });

    test("is told of at once, with its log as soon as it is there, and with the end of that", async () => {
        const { buildid, builderid, number } = build;
        const stepid = 90_000;
        await replay.attach();
        const page = await browser.newPage();
        await page.goto(new URL(`builders/${Number(builderid)}/builds/${Number(number)}`, served.base).href);
        await page.locator(".build-steps li").first().waitFor();
        await page.evaluate(() => ((window as { kept?: boolean }).kept = true));
        change(replay.database, [
            [
                `INSERT INTO steps (id, number, name, buildid, started_at, state_string, urls_json, hidden)
                    VALUES (?, 90, 'late', ?, ?, 'running', '[]', 0)`,
                stepid,
                buildid,
                Math.floor(Date.now() / 1000),
            ],
        ]);
        await page.locator("#step-90.status-running").waitFor();
        writeLog(replay.database, { stepid, name: "stdio", lines: ["oall is well", "eno more"] });
        await page.locator("#step-90 .logs a").waitFor();
        change(replay.database, [
            ["UPDATE steps SET complete_at = ?, results = 2 WHERE id = ?", Math.floor(Date.now() / 1000), stepid],
        ]);
        await page.locator(".build-why .tail").getByText("no more").waitFor();
        await page.locator("#step-90.status-failure").waitFor();
        expect(await page.evaluate(() => "kept" in window)).toBe(true);
        await page.close();
    });
});
