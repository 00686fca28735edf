import type { Signal } from "@preact/signals";
import { beforeEach, describe, expect, test } from "vitest";
import type { Status as Connection } from "../src/api/link";
import { CHROMIUM } from "./built";
import { faultsOf } from "./pages";
import { base, context, page, site, visit } from "./site";

declare global {
    interface Window {
        connection: Signal<Connection>;
        ended: Map<number, (build: { results: number; state_string: string }) => void>;
        notes: { title: string; body: string; click: () => void }[];
    }
}

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

describe.skipIf(!CHROMIUM)("the widgets, in a browser", () => {
    site(() => Promise.resolve({ folder: new URL("gallery/", import.meta.url) }));
    beforeEach(() => visit("gallery"));

    const focused = () =>
        page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const expectAt = (address: string) => expect.poll(() => page.url()).toBe(new URL(address, base).href);

    describe("for everybody", () => {
        const cases = (["light", "dark"] as const).flatMap((colorScheme) =>
            [WIDE, PHONE].map((viewport) => ({ colorScheme, viewport })),
        );

        test.each(cases)("axe finds nothing: $colorScheme, $viewport.width px", async ({ colorScheme, viewport }) => {
            await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
            await page.setViewportSize(viewport);
            expect(await faultsOf(page, "html")).toEqual([]);
            const dialog = page.getByRole("dialog");
            for (const keys of ["Control+k", "?"]) {
                await page.keyboard.press(keys);
                await dialog.waitFor();
                expect(await faultsOf(page, "html"), keys).toEqual([]);
                await page.keyboard.press("Escape");
                await dialog.waitFor({ state: "detached" });
            }
            await page.getByRole("button", { name: "More pages and settings" }).click();
            await page.getByRole("radio", { name: "light" }).waitFor();
            expect(await faultsOf(page, "html"), "menu").toEqual([]);
        });

        test("nothing moves for those who want it so", async () => {
            const moving = () => page.evaluate(() => document.getAnimations().length);
            expect(await moving()).toBeGreaterThan(0);
            await page.emulateMedia({ reducedMotion: "reduce" });
            await expect.poll(moving).toBe(0);
        });

        test("the page is never wider than a phone", async () => {
            await page.setViewportSize(PHONE);
            const width = () => page.evaluate(() => document.documentElement.scrollWidth);
            expect(await width()).toBe(390);
            await page.evaluate(() => (window.connection.value = { state: "stale", since: 1_700_000_000 }));
            expect(await width()).toBe(390);
            await page.getByRole("button", { name: "Results" }).click();
            const menu = await page.getByRole("group", { name: "Results" }).boundingBox();
            expect(menu && menu.x >= 0 && menu.x + menu.width <= 390).toBe(true);
        });

        test("the navigation is where thumbs are, on a phone", async () => {
            await page.setViewportSize(PHONE);
            const box = await page.getByRole("link", { name: "Waterfall" }).boundingBox();
            expect(box?.y).toBeGreaterThan(780);
            expect(box?.height).toBeGreaterThanOrEqual(44);
            await page.getByRole("button", { name: "More pages and settings" }).click();
            await page.getByRole("link", { name: "Pending" }).click();
            await expectAt("pending");
        });
    });

    describe("the focus", () => {
        test("is shown, and skips at once to the page", async () => {
            await page.keyboard.press("Tab");
            expect(await focused()).toBe("Skip to the page");
            const outline = await page.evaluate(
                () => getComputedStyle(document.activeElement ?? document.body).outline,
            );
            expect(outline).toContain("solid 2px");
            await page.keyboard.press("Enter");
            expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
            await page.keyboard.press("Tab");
            expect(await focused()).toContain("Rebuild");
        });

        test("is at the heading after a move, and not when only the query changes", async () => {
            await page.getByRole("link", { name: "quick" }).first().click();
            await expectAt("gallery?tag=quick");
            expect(await focused()).toBe("quick");
            await page.getByRole("link", { name: "Other", exact: true }).click();
            await expect.poll(focused).toContain("Other other");
            await page.goBack();
            await expect.poll(focused).toContain("#1207");
        });

        test("goes along the builds of a strip by arrows", async () => {
            const strip = page.getByRole("group", { name: "Last builds of docs" });
            await strip.getByRole("link").last().focus();
            await page.keyboard.press("ArrowLeft");
            await page.keyboard.press("ArrowLeft");
            expect(await focused()).toMatch(/^#1205 /);
        });
    });

    describe("the palette", () => {
        test("finds by some letters, and goes there; the focus is at its heading then", async () => {
            await page.keyboard.press("Control+k");
            await page.keyboard.type("lx64");
            const found = page.getByRole("option");
            await expect.poll(() => found.first().textContent()).toContain("linux-x86_64");
            expect(await found.first().getAttribute("aria-selected")).toBe("true");
            await page.keyboard.press("Enter");
            await expectAt("other?builder=1");
            await expect.poll(focused).toContain("Other other");
        });

        test("shows the pages at first, says who could not be asked, and is left by Escape", async () => {
            await page.getByRole("button", { name: "Jump to…" }).click();
            await page.getByRole("option", { name: "Waterfall" }).waitFor();
            await page.getByText("Could not be asked: Changes.").waitFor();
            await page.keyboard.press("ArrowUp");
            await page.getByRole("option", { selected: true }).filter({ hasText: "release" }).waitFor();
            await page.keyboard.press("Escape");
            await page.getByRole("dialog").waitFor({ state: "detached" });
            await expect.poll(focused).toContain("Jump to…");
        });

        test("says so where nothing is found", async () => {
            await page.keyboard.press("Control+k");
            await page.keyboard.type("zzz");
            await page.getByText("Nothing is called so.").waitFor();
            await page.keyboard.press("Enter");
            await expectAt("gallery");
        });
    });

    test("the help shows the shortcuts that work on this page, those of the page too", async () => {
        await page.keyboard.press("?");
        const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
        const texts = () => help.getByRole("definition").allTextContents();
        await expect
            .poll(texts)
            .toEqual(expect.arrayContaining(["Jump to anything", "Filter by name", "Go to Other", "Try again"]));
        await page.keyboard.press("t");
        await page.keyboard.press("Escape");
        await help.waitFor({ state: "detached" });
        expect(await page.locator("#tries").textContent()).toBe("tried 0 times");
        await page.keyboard.press("t");
        await expect.poll(() => page.locator("#tries").textContent()).toBe("tried 1 times");
        await page.keyboard.press("g");
        await page.keyboard.press("o");
        await expect.poll(focused).toContain("Other other");
        await page.keyboard.press("?");
        await expect.poll(texts).toContain("Go to Other");
        expect(await texts()).not.toContain("Try again");
    });

    test("the theme follows the system until somebody chooses, in every tab, and is kept", async () => {
        const light = await background();
        await page.emulateMedia({ colorScheme: "dark" });
        await expect.poll(background).not.toBe(light);
        const other = await context.newPage();
        await other.goto("other");
        await other.getByRole("heading", { level: 1 }).waitFor();
        await page.bringToFront();
        await page.getByRole("button", { name: "More pages and settings" }).click();
        await page.getByRole("radio", { name: "light" }).check();
        await expect.poll(background).toBe(light);
        await expect.poll(() => other.evaluate(() => document.documentElement.dataset["theme"])).toBe("light");
        await page.reload();
        await expect.poll(background).toBe(light);
    });

    describe("the filters", () => {
        test("are in the address, in place of the last ones", async () => {
            await page.keyboard.press("/");
            await page.keyboard.type("linux");
            await page.getByText("2 of 8 builders").waitFor();
            await expectAt("gallery?text=linux");
            await page.getByRole("button", { name: "Tags" }).click();
            await page.getByRole("checkbox", { name: "tests" }).check();
            await expectAt("gallery?text=linux&tag=tests");
            await page.reload();
            await page.getByText("2 of 8 builders").waitFor();
            await page.getByRole("button", { name: "Show all" }).click();
            await expectAt("gallery");
            await page.getByText("8 of 8 builders").waitFor();
            expect(await page.evaluate(() => history.length)).toBe(2);
        });

        test("say what in the address means nothing, what would, and leave it out", async () => {
            await visit("gallery?results=nonsense&text=linux&results=failure&builder=7");
            const strip = page.locator(".misread-strip");
            await page.getByRole("button", { name: "Results: failure" }).waitFor();
            expect(await strip.getByRole("listitem").allTextContents()).toEqual([
                expect.stringMatching(/results=nonsense means nothing: results may be failure, .* or skipped\.$/),
                expect.stringMatching(/builder=7 means nothing: this page knows text, tag, branch and results\.$/),
            ]);
            await strip.getByRole("button", { name: "Leave them out" }).click();
            await expectAt("gallery?text=linux&results=failure");
            await expect.poll(() => strip.count()).toBe(0);
            await visit("other?builder=7", "h1");
            expect(await strip.count()).toBe(0);
        });
    });

    describe("the connection", () => {
        test("is told quietly while it is live, and plainly where it is not, with the time that passes", async () => {
            const set = (connection: Connection) =>
                page.evaluate((told) => (window.connection.value = told), connection);
            const marker = page.locator(".connection");
            expect(await marker.textContent()).toBe("Live");
            const since = Math.floor(Date.now() / 1000) - 100;
            await set({ state: "reconnecting", since });
            await expect.poll(() => marker.textContent()).toMatch(/^Reconnecting1 m 4\d s$/);
            const first = await marker.textContent();
            await expect.poll(() => marker.textContent()).not.toBe(first);
            expect(await page.getByText("nothing here is newer than").count()).toBe(0);
            await set({ state: "stale", since });
            await page.getByText("nothing here is newer than").waitFor();
            await expect.poll(() => marker.getByRole("status").textContent()).toBe("Not up to date");
            await set({ state: "live" });
            await expect.poll(() => marker.textContent()).toBe("Live");
        });
    });

    test("times pass, and say exactly when on being pointed at", async () => {
        const running = page.locator("#running");
        const first = await running.textContent();
        await expect.poll(() => running.textContent()).not.toBe(first);
        const time = page.locator("#ages time").nth(1);
        expect(await time.textContent()).toBe("2 h ago");
        expect(await time.getAttribute("title")).toMatch(/\d{4}.*\d:\d\d:\d\d/);
        expect(await time.getAttribute("datetime")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
    });

    test("what runs has the page laid out when its words change, and not with each picture", async () => {
        const left = page.locator("#expected .left");
        const session = await context.newCDPSession(page);
        await session.send("Performance.enable");
        const layouts = async () => {
            const { metrics } = await session.send("Performance.getMetrics");
            return metrics.find(({ name }) => name === "LayoutCount")?.value ?? NaN;
        };
        const changed = async () => {
            const before = await left.textContent();
            await expect.poll(() => left.textContent()).not.toBe(before);
        };
        await changed();
        const before = await layouts();
        await changed();
        await changed();
        expect((await layouts()) - before).toBeLessThan(30);
    });

    test("the title and the icon of the window say how it went", async () => {
        const icon = () => page.evaluate(() => document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href);
        expect(await page.title()).toBe("✗ linux-x86_64 #1207 · Example project");
        const red = await icon();
        expect(decodeURIComponent(String(red))).toMatch(/^data:image\/svg\+xml,<svg .*fill="rgb\(167, 8, 39\)"/);
        await page.getByRole("link", { name: "Other", exact: true }).click();
        await expect.poll(() => page.title()).toBe("Other other · Example project");
        await expect.poll(icon).toBe("data:,");
    });

    test("what cannot be done here is a link to Buildbot's own page", async () => {
        const link = page.getByRole("link", { name: "Rebuild" });
        expect(await link.getAttribute("href")).toBe("https://ci.example.org/#/builders/1/builds/1207");
        expect(await link.getAttribute("target")).toBe("_blank");
    });

    describe("notifications", () => {
        /** In place of the window of the system, which cannot be looked at. */
        async function notify(permission: NotificationPermission) {
            await page.addInitScript((permission) => {
                window.notes = [];
                class Note {
                    static permission = permission;
                    static requestPermission = () => Promise.resolve(permission);
                    onclick = () => undefined;
                    close() {
                        window.notes.pop();
                    }
                    constructor(title: string, { body = "" }: NotificationOptions) {
                        window.notes.push({ title, body, click: () => this.onclick() });
                    }
                }
                Object.assign(window, { Notification: Note });
            }, permission);
            await page.reload();
        }

        test("come for builds that are watched, once, and lead to them", async () => {
            await notify("granted");
            await page.getByRole("button", { name: "Watch" }).click();
            expect(await page.getByRole("button", { name: "Watched" }).getAttribute("aria-pressed")).toBe("true");
            await page.reload();
            await page.getByRole("button", { name: "Watched" }).waitFor();
            await page.evaluate(() => window.ended.get(7)?.({ results: 0, state_string: "build successful" }));
            // The service worker may not tell of it: only the page believes that it was allowed.
            await expect
                .poll(() => page.evaluate(() => window.notes.map(({ title, body }) => [title, body])))
                .toEqual([["✓ linux-x86_64 #1207: success", "build successful"]]);
            await page.getByRole("button", { name: "Watch", exact: true }).waitFor();
            await page.evaluate(() => window.notes[0]?.click());
            await expectAt("other");
        });

        test("are not pretended where the browser forbids them", async () => {
            await notify("denied");
            await page.getByRole("button", { name: "Watch" }).click();
            await page.getByText("This browser does not allow notifications").waitFor();
            expect(await page.evaluate(() => window.ended.size)).toBe(0);
        });
    });
});
