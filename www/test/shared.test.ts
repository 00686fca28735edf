/** The connection that the pages of a browser share. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Api } from "../src/api/http";
import { CHROMIUM, launch, serve, type Served } from "./built";
import { HAS_SERVER, Proxy, Replay } from "./replay";

describe.skipIf(!CHROMIUM || !HAS_SERVER)("pages of one browser", { timeout: 60_000 }, () => {
    let replay: Replay;
    let proxy: Proxy;
    let served: Served;
    let browser: Browser;
    let context: BrowserContext;
    let wrong: string[];

    beforeAll(async () => {
        [replay, browser] = await Promise.all([Replay.start("--forever", "--rate", "20"), launch()]);
        proxy = await Proxy.to(replay.port);
        served = await serve(new URL("client/", import.meta.url), { api: proxy.base });
    }, 60_000);
    afterAll(async () => {
        await browser.close();
        await served.close();
        await proxy.stop();
        await replay.stop();
    });
    beforeEach(async () => {
        proxy.sockets = 0;
        wrong = [];
        context = await browser.newContext();
        context.on("weberror", (error) => wrong.push(error.error().message));
    });
    afterEach(() => context.close());

    async function open(): Promise<Page> {
        const page = await context.newPage();
        await page.goto(served.base.href);
        return page;
    }

    const textOf = (page: Page, id: string) => page.locator(`#${id}`).innerText();

    /** It says that it is live, and comes to show a build that began after it was asked to. */
    async function expectLive(...pages: readonly Page[]) {
        const { rows } = await new Api(replay.base, fetch).get("builds", { order: "-buildid", limit: 1 });
        const last = Number(rows[0]?.["buildid"] ?? 0);
        for (const page of pages) {
            const newest = async () => {
                const [state, shown] = await Promise.all([textOf(page, "state"), textOf(page, "shown")]);
                const [, , build] = state === "live" ? (JSON.parse(shown) as (number | undefined)[]) : [];
                return build ?? 0;
            };
            await expect.poll(newest, { timeout: 20_000 }).toBeGreaterThan(last);
        }
        expect(wrong).toEqual([]);
    }

    test("share one WebSocket, and go on with one when it is cut", async () => {
        const pages = [await open(), await open(), await open()];
        await expectLive(...pages);
        expect(proxy.sockets).toBe(1);
        proxy.cut();
        await expectLive(...pages);
        expect(proxy.sockets).toBe(2);
    });

    test("ask once for all that they show, and not again for what they have", async () => {
        const page = await context.newPage();
        const asked: string[] = [];
        page.on("request", (request) => {
            if (request.url().includes("/api/")) asked.push(String(request.postData()));
        });
        await page.goto(served.base.href);
        await expectLive(page);
        expect(asked.length).toBe(1);
        await page.getByRole("button", { name: "running" }).click();
        await expect.poll(() => textOf(page, "shown")).toMatch(/^."running",5,/);
        expect(asked[1]).toBe('[["builds",{"complete":false}]]');
        await page.getByRole("button", { name: "one" }).click();
        await expect.poll(() => textOf(page, "shown")).toBe("[1,null]");
        await page.getByRole("button", { name: "missing" }).click();
        await expect.poll(() => textOf(page, "shown")).toBe('[null,"not-found"]');
        expect(asked.length).toBe(4);
        expect(wrong).toEqual([]);
    });

    test("keep what somebody has scrolled to, and drop it once nothing is scrolled", async () => {
        const page = await open();
        await page.getByRole("button", { name: "endless" }).click();
        await page.evaluate(() => (document.body.style.height = "9000px"));
        await page.evaluate(() => scrollTo(0, 1000));
        const shown = async () => JSON.parse(await textOf(page, "shown")) as number[];
        await expect.poll(async () => (await shown()).length, { timeout: 20_000 }).toBeGreaterThan(1);
        const last = (await shown()).at(-1);
        // More than half as many again as were asked for.
        await expect.poll(async () => (await shown()).length, { timeout: 20_000 }).toBeGreaterThan(4);
        expect((await shown()).at(-1)).toBe(last);
        await page.evaluate(() => scrollTo(0, 0));
        await expect.poll(async () => (await shown()).length, { timeout: 20_000 }).toBeLessThan(4);
    });

    test("go on when one of them is closed", async () => {
        const [one, other] = [await open(), await open()];
        await expectLive(one, other);
        await one.close();
        await expectLive(other);
        expect(proxy.sockets).toBe(1);
    });

    test("go on when somebody goes to another page and comes back", async () => {
        const page = await open();
        await expectLive(page);
        await page.goto("about:blank");
        await page.goBack();
        await expectLive(page);
    });

    test("have one each where there are no shared workers", async () => {
        await context.addInitScript("delete window.SharedWorker");
        await expectLive(await open(), await open());
        expect(proxy.sockets).toBe(2);
    });

    test("have one each where the worker does not answer", async () => {
        await context.addInitScript("window.SharedWorker = class { port = new MessageChannel().port1; }");
        await expectLive(await open(), await open());
        expect(proxy.sockets).toBe(2);
    });
});
