/** What is around the pages, over a real server on which builds happen. */
import { beforeEach, describe, expect, test } from "vitest";
import { Api } from "../src/api/http";
import { CHROMIUM } from "./built";
import { beginBuild, endBuild } from "./pages";
import { HAS_SERVER, Replay } from "./replay";
import { base, context, page, site, tolerate, visit } from "./site";

describe.skipIf(!CHROMIUM || !HAS_SERVER)("the shell, over a server", () => {
    let replay: Replay;

    site(async (keep) => {
        replay = await keep(Replay.played(5));
        await replay.attach();
        return { api: replay.base };
    });
    // Of what is asked while there is no server.
    beforeEach(() => tolerate(/net::ERR_/));

    const marker = () => page.locator(".connection").getByRole("status");

    test("asks who it is in the same request as what the page asks", async () => {
        const asked: string[] = [];
        page.on("request", (request) => asked.push(request.postData() ?? ""));
        await visit("");
        await marker().filter({ hasText: "Live" }).waitFor();
        const [first = "", ...others] = asked.filter((call) => call.includes('"site"'));
        expect(first).toContain('["build');
        expect(others).toEqual([]);
    });

    test("says that it is not live while the server is away, and goes on by itself", async () => {
        await visit("");
        await marker().filter({ hasText: "Live" }).waitFor();
        await page.evaluate(() => Object.assign(window, { kept: true }));
        await replay.halt();
        await marker().filter({ hasText: "Reconnecting" }).waitFor();
        await replay.attach();
        await marker().filter({ hasText: "Live" }).waitFor();
        expect(await page.evaluate(() => "kept" in window)).toBe(true);
    });

    test("loads a page that could not be loaded as soon as the server is back", async () => {
        await visit("");
        await marker().filter({ hasText: "Live" }).waitFor();
        await replay.halt();
        await page.route("**/assets/**", (route) => route.abort());
        await page.getByRole("link", { name: "Builders" }).click();
        await page.getByRole("heading", { name: "This page could not be loaded" }).waitFor();
        await marker().filter({ hasText: "Reconnecting" }).waitFor();
        await page.unroute("**/assets/**");
        await replay.attach();
        await page.getByRole("heading", { name: "Builders" }).waitFor();
    });

    test("jumps to a build by the name of its builder and its number", async () => {
        const { rows } = await new Api(replay.base, fetch).get("builders", { limit: 1, order: "-builderid" });
        const [builder] = rows;
        await visit("");
        await page.keyboard.press("Control+k");
        await page.keyboard.type(`${String(builder?.["name"])} 1`);
        await page.getByRole("option", { name: `${String(builder?.["name"])} #1 Builds` }).click();
        const wanted = new URL(`builders/${String(builder?.["builderid"])}/builds/1`, base).href;
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
        await visit("");
        const buildid = 9001;
        beginBuild(replay.database, buildid);
        await page.evaluate((watched) => localStorage.setItem("buildbot-status-watched", JSON.stringify([watched])), {
            buildid,
            name: "mine",
            href: "builds",
        });
        await page.reload();
        await marker().filter({ hasText: "Live" }).waitFor();
        endBuild(replay.database, buildid, 0, "built at last");
        await expect.poll(() => page.evaluate(() => window.notes.map(({ body }) => body))).toEqual(["built at last"]);
        await expect.poll(() => page.evaluate(() => localStorage.getItem("buildbot-status-watched"))).toBe("[]");
    });

    test("tells by a service worker, which leads to the build, once somebody wants to be told", async () => {
        await context.grantPermissions(["notifications"], { origin: base.origin });
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
        beginBuild(replay.database, 9002);
        await visit("builders/1/builds/9002");
        expect(await registrations()).toEqual([]);
        await page.getByRole("button", { name: "Watch", exact: true }).click();
        const build = page.url();
        await expect.poll(registrations).toEqual([new URL("assets/", base).href]);
        const notes = () =>
            page.evaluate(async () => {
                const registration = await navigator.serviceWorker.getRegistration("assets/");
                return (await registration?.getNotifications())?.map(({ title }) => title) ?? [];
            });
        endBuild(replay.database, 9002, 2, "failed");
        await expect.poll(notes).toEqual([expect.stringMatching(/ #9002: failure$/)]);
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
