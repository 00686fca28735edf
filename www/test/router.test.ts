import { beforeEach, describe, expect, test } from "vitest";
import type { Router } from "../src/widgets/router";
import { CHROMIUM } from "./built";
import { base, page, site, tolerate } from "./site";

declare global {
    interface Window {
        router: Router;
        bringSlow: () => Promise<void>;
        kept?: boolean;
    }
}

describe.skipIf(!CHROMIUM)("the router, in a browser", () => {
    site(() => Promise.resolve({ folder: new URL("router/", import.meta.url) }));
    beforeEach(() => open("things/a"));

    /** Load a page as somebody does who typed its address; what says whether it is still that document is set anew. */
    async function open(address: string) {
        await page.goto(address);
        await page.evaluate(() => void (window.kept = true));
    }

    async function expectShown(heading: string, address: string) {
        await page.getByRole("heading", { name: heading, exact: true }).waitFor();
        await expect.poll(() => page.url()).toBe(new URL(address, base).href);
    }

    const kept = () => page.evaluate(() => window.kept === true);

    test("shows what the address says, below the root of the pages", async () => {
        await expectShown("a unsorted since a", "things/a");
        await expect.poll(() => page.title()).toBe("Thing · Buildbot");
    });

    test("follows links in the document, and the way back", async () => {
        await page.getByRole("link", { name: "To b" }).click();
        await expectShown("b unsorted since b", "things/b");
        await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
        await page.goBack();
        await expectShown("a unsorted since a", "things/a");
        expect(await kept()).toBe(true);
    });

    test("follows links in drawings", async () => {
        await page.getByText("Drawn").click();
        await expectShown("drawn unsorted since drawn", "things/drawn");
        expect(await kept()).toBe(true);
    });

    test("leaves to the browser what is no page of ours", async () => {
        await page.getByRole("link", { name: "Elsewhere" }).click();
        await expectShown("There is no such page", "elsewhere");
        expect(await kept()).toBe(false);
    });

    test("leaves to the browser what is to open in another tab", async () => {
        const opened = page.waitForEvent("popup");
        await page.getByRole("link", { name: "Beside" }).click();
        await (await opened).close();
        await expectShown("a unsorted since a", "things/a");
    });

    test("keeps the page while only the query changes, and its place in the history when told to", async () => {
        await page.evaluate(() => window.router.navigate("things/b"));
        await page.evaluate(() => window.router.navigate("things/b?sort=name", { replace: true }));
        await expectShown("b name since b", "things/b?sort=name");
        await page.goBack();
        await expectShown("a unsorted since a", "things/a");
    });

    test("shows the last page until the next one's code has come, and drops what is no longer wanted", async () => {
        await page.getByRole("link", { name: "Slow" }).click();
        await expectShown("a unsorted since a", "slow");
        await page.evaluate(() => window.router.navigate("things/b"));
        await expectShown("b unsorted since b", "things/b");
        expect(
            await page.evaluate(async () => {
                await window.bringSlow();
                const shown = window.router.shown.value;
                return shown.state === "page" && shown.place.view.name;
            }),
        ).toBe("thing");
        await page.evaluate(() => window.router.navigate("slow"));
        await expectShown("slow", "slow");
    });

    test("takes the addresses of Buildbot's own pages", async () => {
        await open("#/things/c?sort=age");
        await expectShown("c age since c", "things/c?sort=age");
    });

    test("says so where a page's code does not come", async () => {
        tolerate(/gone/);
        await page.getByRole("link", { name: "Broken" }).click();
        await expectShown("This page could not be loaded", "broken");
        await page.getByRole("link", { name: "Load it again" }).click();
        await page.waitForFunction(() => window.kept === undefined);
    });
});
