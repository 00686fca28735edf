/** The connection that the pages of a browser share. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { Api } from "../src/api/http";
import { CHROMIUM } from "./built";
import { HAS_SERVER, Proxy, Replay } from "./replay";
import { asked, context, nextFrame, page, site } from "./site";

describe.skipIf(!CHROMIUM || !HAS_SERVER)("pages of one browser", () => {
    let replay: Replay;
    let proxy: Proxy;

    site(async (keep) => {
        replay = await keep(Replay.start("--forever", "--rate", "40"));
        proxy = await keep(Proxy.to(replay.port));
        return { folder: new URL("client/", import.meta.url), api: proxy.base };
    });
    beforeEach(() => void (proxy.sockets = 0));

    async function open(): Promise<Page> {
        const page = await context.newPage();
        await page.goto("");
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
            await expect.poll(newest).toBeGreaterThan(last);
        }
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
        const bodies: unknown[] = [];
        page.on("request", (request) => request.method() === "POST" && bodies.push(request.postDataJSON()));
        await page.goto("");
        await expectLive(page);
        expect(asked).toEqual(["batch"]);
        await page.getByRole("button", { name: "running" }).click();
        await expect.poll(() => textOf(page, "shown")).toMatch(/^."running",5,/);
        expect(bodies[1]).toEqual([["builds", { complete: false }]]);
        await page.getByRole("button", { name: "one" }).click();
        await expect.poll(() => textOf(page, "shown")).toBe("[1,null]");
        await page.getByRole("button", { name: "missing" }).click();
        await expect.poll(() => textOf(page, "shown")).toBe('[null,"not-found"]');
        expect(asked).toHaveLength(4);
    });

    test("keep what somebody has scrolled to, and drop it once nothing is scrolled", async () => {
        const page = await open();
        await page.getByRole("button", { name: "endless" }).click();
        await page.evaluate(() => (document.body.style.height = "9000px"));
        await page.evaluate(() => scrollTo(0, 1000));
        await nextFrame();
        const shown = async () => JSON.parse(await textOf(page, "shown")) as number[];
        await expect.poll(async () => (await shown()).length).toBeGreaterThan(1);
        const last = (await shown()).at(-1);
        // More than half as many again as were asked for.
        await expect.poll(async () => (await shown()).length).toBeGreaterThan(4);
        expect((await shown()).at(-1)).toBe(last);
        await page.evaluate(() => scrollTo(0, 0));
        await expect.poll(async () => (await shown()).length).toBeLessThan(4);
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
