/** The page of a build in a browser, over a real server on which builds happen. */
import { describe, expect, test } from "vitest";
import { Api, type Fields } from "../src/api/http";
import { CHROMIUM } from "./built";
import { writeLog } from "./logs";
import { beginBuild, beginStep, change, endBuild, endStep, faultsOf, widthOf } from "./pages";
import { HAS_SERVER, Replay } from "./replay";
import { asked, page, site, tolerate, visit } from "./site";

const HOSTILE = `<img src=x onerror="window.hit=1">\u202egnol ${"x".repeat(200)}`;

describe.skipIf(!CHROMIUM || !HAS_SERVER)("the page of a build", () => {
    let replay: Replay;
    let api: Api;
    /** The address of one that failed, in a step with a log, and of one that triggered another. */
    let red: string;
    let parent: string;

    site(async (keep) => {
        replay = await keep(Replay.played(60, "--seed", "3"));
        await replay.attach();
        api = new Api(replay.base, fetch);
        const { rows: failed } = await api.get("steps", { results: 2, expand: ["build", "logs"], order: "-stepid" });
        const step = failed.find(({ logs }) => (logs as unknown[]).length > 0);
        red = addressOf(step?.["build"] as Fields);
        const { rows: all } = await api.get("builds", { expand: "triggered_builds" });
        parent = addressOf(all.find(({ triggered_builds }) => (triggered_builds as unknown[]).length > 0) ?? {});
        const lines = Array.from({ length: 50 }, (_, at) => (at === 40 ? "o" : `o${at} ${HOSTILE}`));
        const stepid = Number(step?.["stepid"]);
        writeLog(replay.database, { stepid, name: HOSTILE, lines: [...lines, "e\x1b[31mError:\x1b[0m it broke"] });
        change(replay.database, [["UPDATE steps SET state_string = ? WHERE id = ?", HOSTILE, stepid]]);
        change(replay.database, [["UPDATE changes SET author = ?, comments = ?", HOSTILE, `${HOSTILE}\n\nWhy.`]]);
        return { api: replay.base };
    });

    function addressOf({ builderid, number }: Fields): string {
        return `builders/${Number(builderid)}/builds/${Number(number)}`;
    }

    const open = (address: string) => visit(address, ".build-steps li");

    /** From now on, whether the page is the same document. */
    const keep = () => page.evaluate(() => ((window as { kept?: boolean }).kept = true));
    const isKept = () => page.evaluate(() => "kept" in window);

    test("opens on why it is red, with one request", async () => {
        await open(red);
        const why = page.locator(".build-why");
        await why.getByText("it broke").waitFor();
        expect(asked).toEqual(["batch"]);
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
        expect(await page.locator(".tail").filter({ hasText: "it broke" }).locator(".term-control").count()).toBe(28);
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

    test("fits the narrowest phone with a property that is very long, which is there whole on demand", async () => {
        const text = "x".repeat(5000);
        change(replay.database, [
            [
                "INSERT INTO build_properties (buildid, name, value, source) SELECT id, 'long', ?, 'test' FROM builds",
                JSON.stringify(text),
            ],
        ]);
        await page.setViewportSize({ width: 320, height: 700 });
        await open(red);
        const whole = page.getByRole("button", { name: "all 5,000 characters" });
        await whole.waitFor();
        expect(await widthOf(page)).toBe(320);
        await whole.click();
        await page.getByText(text, { exact: true }).waitFor();
        expect(await widthOf(page)).toBe(320);
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

    test("says of a step that there is not which there are, and takes its name as well", async () => {
        // The browser itself says that a log was not found.
        tolerate(/404/);
        for (const address of [`${red}/steps/99`, `${red}/steps/99/logs/stdio`]) {
            await page.goto(address);
            await page.getByText("There is no step 99 in this build").waitFor();
            await page.waitForURL(`${red}#step-99`);
        }
        const first = page.locator(".empty").getByRole("link").first();
        const [, name = ""] = /^0 (.+)$/.exec((await first.textContent()) ?? "") ?? [];
        await first.click();
        await page.locator("#step-0.target").waitFor();
        expect(await page.locator(".empty").count()).toBe(0);
        await page.goto(`${red}/steps/${encodeURIComponent(name)}/logs`);
        await page.locator("#step-0.target").waitFor();
    });

    test("leads to its neighbours, by the keyboard too", async () => {
        await open(parent);
        const [, builder, number] = /builders\/(\d+)\/builds\/(\d+)/.exec(parent) ?? [];
        await page.keyboard.press("n");
        await page.waitForURL(new RegExp(`/builders/${builder}/builds/${Number(number) + 1}$`));
        await page.locator(".build-steps li").first().waitFor();
        // Not at the heading that there was while the page was loading.
        const focused = () => page.locator("h1:focus").allTextContents();
        await expect.poll(focused).toEqual([expect.stringMatching(new RegExp(`#${Number(number) + 1}$`))]);
        await page.getByRole("link", { name: `Previous build: #${number}` }).click();
        await page.waitForURL(new RegExp(`${parent}$`));
    });

    test("-1 is the newest, and it is followed to its end", async () => {
        const { rows } = await api.get("builders", { field: "name", limit: 1 });
        const name = encodeURIComponent(String(rows[0]?.["name"]));
        await page.goto(`builders/${name}/builds/-1`);
        await page.waitForURL(/\/builders\/\d+\/builds\/\d+$/);
        await page.locator(".build-steps li").first().waitFor();
        await keep();
        const [, builder, newest] = /builders\/(\d+)\/builds\/(\d+)/.exec(page.url()) ?? [];
        const { rows: builds } = await api.get(`builders/${builder}/builds`, { order: "-number", limit: 1 });
        expect(builds[0]?.["number"]).toBe(Number(newest));
        beginBuild(replay.database, 9001);
        await page.locator("a[rel='next']").click();
        await page.waitForURL(`builders/${builder}/builds/9001`);
        await expect.poll(() => page.title()).toMatch(/^▸ .+ #9001/);
        beginStep(replay.database, 9001, 9001);
        await page.locator("#step-9001.status-running").waitFor();
        endStep(replay.database, 9001, 0);
        endBuild(replay.database, 9001, 0, "build successful");
        await page.locator("#step-9001.status-success").waitFor();
        await expect.poll(() => page.title()).toMatch(/^✓ .+ #9001/);
        expect(await page.locator(".build-steps ol > li").count()).toBe(1);
        expect(await isKept()).toBe(true);
    });

    test("is where its shortened addresses lead, and belongs to the builders", async () => {
        await page.goto("builders/1/builds/1/steps/1");
        await page.waitForURL(/\/builders\/1\/builds\/1#step-1$/);
        await page.locator("#step-1").waitFor();
        expect(await page.locator("nav > [aria-current]").allTextContents()).toEqual(["Builders"]);
        await page.goto("builders/1/builds");
        await page.waitForURL(/\/builders\/1$/);
        await page.locator(".charts").waitFor();
    });

    test("is where the request for it leads, also as soon as it begins", async () => {
        await page.goto("#/buildrequests/1");
        await page.waitForURL(/\/builders\/\d+\/builds\/\d+$/);
        const request = 9500;
        const waits =
            "INSERT INTO buildrequests (id, buildsetid, builderid, priority, complete, results, submitted_at, waited_for)" +
            " SELECT ?, buildsetid, builderid, 0, 0, -1, submitted_at, 0 FROM buildrequests WHERE builderid = 1 LIMIT 1";
        change(replay.database, [[waits, request]]);
        await page.goto(`buildrequests/${request}`);
        await page.getByText("It waits").waitFor();
        const begins =
            "INSERT INTO builds (id, number, builderid, buildrequestid, workerid, masterid, started_at, locks_duration_s," +
            " state_string) SELECT 9500, 9500, builderid, ?, workerid, 1, started_at, 0, 'building' FROM builds" +
            " WHERE builderid = 1 LIMIT 1";
        change(replay.database, [[begins, request]]);
        await page.waitForURL(/\/builders\/1\/builds\/9500$/);
        await page.goto("buildrequests/99999");
        await page.getByRole("alert").getByRole("link", { name: "All that waits" }).waitFor();
    });

    test("says that there is no such build", async () => {
        await page.goto("builders/1/builds/99999");
        await page.getByRole("alert").getByText("There is no such thing").waitFor();
        await page.goto("builders/1/builds/x");
        await page.getByRole("alert").getByText("no number of a build").waitFor();
        await page.getByRole("link", { name: "The builder" }).click();
        await page.locator(".charts").waitFor();
        await page.goto("builders/999999/builds/1");
        await page.getByRole("alert").getByRole("link", { name: "All builders" }).waitFor();
        await page.goto("builders/999999");
        await page.getByRole("heading", { name: "No such builder" }).waitFor();
    });

    test("tells at once of a step that fails while one looks, with its log as soon as it is there, and with the end of that", async () => {
        const { rows } = await api.get("builds", { results: 0, expand: "steps" });
        const build = rows.findLast(({ steps }) => (steps as unknown[]).length > 1) ?? {};
        const stepid = 90_000;
        await open(addressOf(build));
        await keep();
        beginStep(replay.database, stepid, Number(build["buildid"]));
        await page.locator("#step-90000.status-running").waitFor();
        writeLog(replay.database, { stepid, name: "stdio", lines: ["oall is well", "eno more"] });
        await page.locator("#step-90000 .logs a").waitFor();
        endStep(replay.database, stepid, 2);
        await page.locator(".build-why .tail").getByText("no more").waitFor();
        await page.locator("#step-90000.status-failure").waitFor();
        expect(await isKept()).toBe(true);
    });
});
