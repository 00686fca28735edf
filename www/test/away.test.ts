/** Pages that somebody leaves and comes back to, and pages without a network for a while. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { CHROMIUM } from "./built";
import { change } from "./pages";
import { HAS_SERVER, Proxy, Replay } from "./replay";
import { context, site, tolerate } from "./site";

/** As another one that there is, with another text. */
const CHANGE = `INSERT INTO changes (author, comments, branch, revision, when_timestamp, repository, codebase, project, sourcestampid)
    SELECT author, ?, branch, revision, when_timestamp, repository, codebase, project, sourcestampid FROM changes LIMIT 1`;

type Counted = typeof globalThis & { shown: boolean[] };

interface Visit {
    readonly page: Page;
    /** When it was loaded. */
    readonly loaded: number;
}

describe.skipIf(!CHROMIUM || !HAS_SERVER)("pages that somebody comes back to", () => {
    let replay: Replay;
    let proxy: Proxy;
    let number = 0;

    site(
        async (keep) => {
            replay = await keep(Replay.played(5));
            await replay.attach();
            proxy = await keep(Proxy.to(replay.port));
            return { api: proxy.base };
        },
        { ignoreDefaultArgs: ["--disable-back-forward-cache"] },
    );
    beforeEach(async () => {
        // Of what is asked where there is no network, and of what it has cut itself, the browser complains.
        tolerate(/net::ERR_|Back-Forward Cache/);
        await context.addInitScript(() => {
            const shown: boolean[] = [];
            (globalThis as Counted).shown = shown;
            addEventListener("pageshow", ({ persisted }) => shown.push(persisted));
        });
    });

    async function open(): Promise<Visit> {
        const page = await context.newPage();
        await page.goto("changes");
        await page.locator(".changes li").first().waitFor();
        // When it has been told of this, there is no more to say: a page to which something is said as one leaves is not kept.
        await expectLive(page);
        return { page, loaded: await page.evaluate(() => performance.timeOrigin) };
    }

    /** Have something happen that all pages show; its text. */
    function commit(): string {
        number += 1;
        change(replay.database, [[CHANGE, `No. ${number}`]]);
        return `No. ${number}`;
    }

    /** It comes to show these, each once, and says that it is live. */
    async function expectShown(page: Page, ...texts: readonly string[]) {
        for (const text of texts) {
            await expect.poll(() => page.getByText(text, { exact: true }).count()).toBe(1);
        }
        await page.locator(".connection.live").waitFor();
    }

    /** It is told of what happens, as any page is. */
    async function expectLive(page: Page) {
        await expectShown(page, commit());
    }

    /** Back to the page as the browser has kept it. */
    async function comeBack({ page, loaded }: Visit) {
        // The browser's own history, for which playwright does not wait with pages that were kept.
        await page.evaluate(() => void setTimeout(() => history.back()));
        await page.waitForURL(/changes/, { waitUntil: "commit" });
        const why = await page.evaluate(() => {
            const [entry] = performance.getEntriesByType("navigation");
            return JSON.stringify((entry as unknown as { notRestoredReasons: unknown }).notRestoredReasons);
        });
        expect(why).toBe("null");
        await expect.poll(() => page.evaluate(() => (globalThis as Counted).shown)).toEqual([false, true]);
        expect(await page.evaluate(() => performance.timeOrigin)).toBe(loaded);
    }

    test.each(["the connection that pages share", "a connection of its own"])("go on live, with %s", async (which) => {
        if (which.endsWith("own")) await context.addInitScript("delete window.SharedWorker");
        const visit = await open();
        await visit.page.goto("about:blank");
        const meanwhile = commit();
        await comeBack(visit);
        await expectShown(visit.page, meanwhile);
        await expectLive(visit.page);
    });

    test("lose nothing while there is no network", async () => {
        const { page, loaded } = await open();
        proxy.isDown = true;
        proxy.cut();
        await page.locator(".connection.reconnecting").waitFor();
        await context.setOffline(true);
        const meanwhile = [commit(), commit(), commit()];
        proxy.isDown = false;
        await context.setOffline(false);
        await expectShown(page, ...meanwhile);
        await expectLive(page);
        expect(await page.evaluate(() => performance.timeOrigin)).toBe(loaded);
    });

    /** One with a connection of its own, for which time stands still: nothing is tried because it has passed. */
    async function openStill(): Promise<Page> {
        await context.addInitScript("delete window.SharedWorker");
        await context.clock.install();
        proxy.sockets = 0;
        const page = await context.newPage();
        await page.goto("changes");
        await expect.poll(() => proxy.sockets).toBe(1);
        await page.locator(".connection.live").waitFor();
        await page.clock.pauseAt(Date.now() + 10_000);
        return page;
    }

    test("connect at once when there is a network again", async () => {
        const page = await openStill();
        proxy.isDown = true;
        proxy.cut();
        await page.locator(".connection.reconnecting").waitFor();
        await context.setOffline(true);
        proxy.isDown = false;
        await context.setOffline(false);
        await page.locator(".connection.live").waitFor();
    });

    test("do not say for long that they are live where there is no network any more", async () => {
        const page = await openStill();
        // Nobody says that the connection is over.
        proxy.delay = 1_000_000;
        const told = page.evaluate(
            () => new Promise<void>((resolve) => addEventListener("offline", () => resolve(), { once: true })),
        );
        await context.setOffline(true);
        await told;
        await page.clock.runFor(5000);
        await page.locator(".connection.reconnecting").waitFor();
        proxy.delay = 0;
        await context.setOffline(false);
        await page.locator(".connection.live").waitFor();
    });

    test("are kept also when their connection is cut meanwhile, under other pages", async () => {
        const [other, visit] = [await open(), await open()];
        await visit.page.goto("about:blank");
        proxy.isDown = true;
        proxy.cut();
        await other.page.locator(".connection.reconnecting").waitFor();
        proxy.isDown = false;
        await expectLive(other.page);
        await comeBack(visit);
        await expectShown(visit.page, `No. ${number}`);
        await expectLive(visit.page);
    });
});
