/** What is around the pages, over a real server on which builds happen. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Api } from "../src/api/http";
import { CHROMIUM, launch, serve, type Served } from "./built";
import { begun } from "./pages";
import { HAS_SERVER, Replay } from "./replay";

const TIMEOUT = 30_000;

describe.skipIf(!CHROMIUM || !HAS_SERVER)("the shell, over a server", { timeout: 2 * TIMEOUT }, () => {
    let replay: Replay;
    let served: Served;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let asked: string[];

    beforeAll(async () => {
        replay = await Replay.start("--forever", "--rate", "30");
        [served, browser] = await Promise.all([serve(new URL("../", import.meta.url), { api: replay.base }), launch()]);
        await vi.waitFor(async () => expect(await running()).toBeDefined(), { timeout: TIMEOUT });
    }, 120_000);
    afterAll(async () => {
        await browser.close();
        await served.close();
        await replay.stop();
    });
    beforeEach(async () => {
        context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
        page = await context.newPage();
        page.setDefaultTimeout(TIMEOUT);
        asked = [];
        page.on("request", (request) => {
            const { pathname } = new URL(request.url());
            if (pathname.includes("/api/")) asked.push(`${request.method()} ${request.postData() ?? pathname}`);
        });
    });
    afterEach(() => context.close());

    async function running(): Promise<number | undefined> {
        const { rows } = await new Api(replay.base, fetch).get("builds", {
            complete: false,
            limit: 1,
            order: "-buildid",
        });
        return rows[0]?.["buildid"] as number | undefined;
    }

    const marker = () => page.locator(".connection").getByRole("status");
    const open = () => page.goto(new URL("./", served.base).href);

    test("asks who it is in the same request as what the page asks", async () => {
        await open();
        await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
        expect(asked.filter((call) => call.includes('"site"'))).toEqual([asked[0]]);
        expect(asked[0]).toContain('["build');
    });

    test("says that it is not live while the server is away, and goes on by itself", async () => {
        await open();
        await marker().filter({ hasText: "Live" }).waitFor();
        await page.evaluate(() => Object.assign(window, { kept: true }));
        await replay.halt();
        await marker().filter({ hasText: "Reconnecting" }).waitFor();
        await replay.serve();
        await marker().filter({ hasText: "Live" }).waitFor();
        expect(await page.evaluate(() => "kept" in window)).toBe(true);
    });

    test("loads a page that could not be loaded as soon as the server is back", async () => {
        await open();
        await marker().filter({ hasText: "Live" }).waitFor();
        await replay.halt();
        await page.route("**/assets/**", (route) => route.abort());
        await page.getByRole("link", { name: "Builders" }).click();
        await page.getByRole("heading", { name: "This page could not be loaded" }).waitFor();
        await marker().filter({ hasText: "Reconnecting" }).waitFor();
        await page.unroute("**/assets/**");
        await replay.serve();
        await page.getByRole("heading", { name: "Builders" }).waitFor();
    });

    test("jumps to a build by the name of its builder and its number", async () => {
        const { rows } = await new Api(replay.base, fetch).get("builders", { limit: 1, order: "-builderid" });
        const [builder] = rows;
        await open();
        await begun(page);
        await page.keyboard.press("Control+k");
        await page.keyboard.type(`${String(builder?.["name"])} 1`);
        await page.getByRole("option", { name: `${String(builder?.["name"])} #1 Builds` }).click();
        const wanted = new URL(`builders/${String(builder?.["builderid"])}/builds/1`, served.base).href;
        await page.waitForURL(wanted);
    });

    test("tells of a watched build when it ends", async () => {
        await page.addInitScript(() => {
            window.notes = [];
            function Note(title: string, { body = "" }: NotificationOptions) {
                window.notes.push({ title, body, click: () => undefined });
            }
            Object.assign(window, { Notification: Object.assign(Note, { permission: "granted" }) });
        });
        await open();
        const buildid = await vi.waitFor(async () => {
            const found = await running();
            expect(found).toBeDefined();
            return found;
        });
        await page.evaluate((watched) => localStorage.setItem("buildbot-status-watched", JSON.stringify([watched])), {
            buildid,
            name: "mine",
            href: "builds",
        });
        await page.reload();
        await expect.poll(() => page.evaluate(() => window.notes.length), { timeout: TIMEOUT }).toBe(1);
        const { rows } = await new Api(replay.base, fetch).get(`builds/${String(buildid)}`);
        expect(rows[0]?.["complete"]).toBe(true);
        expect(await page.evaluate(() => window.notes[0]?.body)).toBe(rows[0]?.["state_string"]);
        expect(await page.evaluate(() => localStorage.getItem("buildbot-status-watched"))).toBe("[]");
    });

    test("tells by a service worker, which leads to the build, once somebody wants to be told", async () => {
        await context.grantPermissions(["notifications"], { origin: served.base.origin });
        await page.addInitScript(() => {
            // As Chrome does on Android.
            function Note() {
                throw new TypeError("Illegal constructor");
            }
            const requestPermission = () => Promise.resolve("granted");
            Object.assign(window, { Notification: Object.assign(Note, { permission: "granted", requestPermission }) });
        });
        const registrations = () =>
            page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope));
        const button = page.getByRole("button", { name: "Watch", exact: true });
        const watch = async () => {
            const { rows } = await new Api(replay.base, fetch).get("builds", {
                complete: false,
                limit: 1,
                order: "-buildid",
            });
            await page.goto(
                new URL(`builders/${Number(rows[0]?.["builderid"])}/builds/${Number(rows[0]?.["number"])}`, served.base)
                    .href,
            );
            expect(await registrations()).toEqual([]);
            await button.click({ timeout: 3_000 });
        };
        // It may have ended meanwhile.
        await vi.waitFor(watch, { timeout: TIMEOUT });
        const build = page.url();
        await expect.poll(registrations).toEqual([new URL("assets/", served.base).href]);
        const notes = () =>
            page.evaluate(async () => {
                const registration = await navigator.serviceWorker.getRegistration("assets/");
                return (await registration?.getNotifications())?.map(({ title }) => title) ?? [];
            });
        await expect.poll(notes, { timeout: TIMEOUT }).toEqual([expect.stringMatching(/ #\d+: \w+$/)]);
        await page.getByRole("link", { name: "Builders", exact: true }).click();
        await page.getByRole("heading", { name: "Builders" }).waitFor();
        // Nobody but a person can click on it.
        await context.serviceWorkers()[0]?.evaluate(async () => {
            const world = self as unknown as { registration: ServiceWorkerRegistration };
            const [notification] = await world.registration.getNotifications();
            dispatchEvent(Object.assign(new Event("notificationclick"), { notification, waitUntil: () => undefined }));
        });
        await page.waitForURL(build);
    });
});
