/** The waterfall in a browser, over a real server on which builds happen. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { Api } from "../src/api/http";
import { CHROMIUM, launch, serve, type Served } from "./built";
import { HAS_SERVER, Replay } from "./replay";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** A build as it is drawn, in pixels of the page. */
interface Drawn {
    readonly id: number;
    readonly builder: number;
    readonly several: boolean;
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
}

describe.skipIf(!CHROMIUM || !HAS_SERVER)("the waterfall", () => {
    let replay: Replay;
    let served: Served;
    let browser: Browser;
    let page: Page;
    let complaints: string[];

    beforeAll(async () => {
        replay = await Replay.start("--forever", "--rate", "30");
        [served, browser] = await Promise.all([serve(new URL("../", import.meta.url), { api: replay.base }), launch()]);
        const api = new Api(replay.base, fetch);
        await until(async () => (await api.get("builds", { complete: true, limit: 20 })).rows.length === 20);
    }, 120_000);
    afterAll(async () => {
        await browser.close();
        await served.close();
        await replay.stop();
    });
    beforeEach(async () => {
        complaints = [];
        page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
        page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
        page.on("pageerror", (error) => complaints.push(String(error)));
    });
    afterEach(async () => {
        await page.close();
        expect(complaints).toEqual([]);
    });

    async function open(address = "waterfall") {
        await page.goto(new URL(address, served.base).href);
        await page.locator(".waterfall .build").first().waitFor();
    }

    const drawn = () =>
        page.evaluate(() =>
            [...document.querySelectorAll(".waterfall .build")].map((box): Drawn => {
                const { left, right, top, bottom } = box.getBoundingClientRect();
                return {
                    id: Number(box.querySelector("[data-build]")?.getAttribute("data-build")),
                    builder: Number(box.closest("[data-builder]")?.getAttribute("data-builder")),
                    several: box.classList.contains("several"),
                    ...{ left, right, top, bottom },
                };
            }),
        );
    const focused = () =>
        page.evaluate(() => ({
            build: Number(document.activeElement?.getAttribute("data-build")),
            builder: Number(document.activeElement?.closest("[data-builder]")?.getAttribute("data-builder")),
            seen: document.activeElement?.getBoundingClientRect().top ?? -1,
        }));
    const heads = () => page.locator(".waterfall .head > a").allTextContents();
    const counted = () => page.locator(".waterfall [role=status]").textContent();

    test("shows builds with their steps, the newer above, and none over another", async () => {
        await open("waterfall?span=2min");
        const boxes = await drawn();
        expect(boxes.length).toBeGreaterThan(10);
        const withSteps = await page.evaluate(
            () =>
                [...document.querySelectorAll<HTMLElement>(".waterfall .build")].filter(
                    (box) => box.querySelector(".step") ?? box.style.getPropertyValue("--stripes"),
                ).length,
        );
        expect(withSteps).toBeGreaterThan(2);
        for (const [index, box] of boxes.entries()) {
            for (const other of boxes.slice(index + 1)) {
                const apart =
                    box.right <= other.left + 0.5 ||
                    other.right <= box.left + 0.5 ||
                    box.bottom <= other.top + 0.5 ||
                    other.bottom <= box.top + 0.5;
                expect(apart, `${JSON.stringify(box)} and ${JSON.stringify(other)}`).toBe(true);
            }
        }
        const { rows } = await new Api(replay.base, fetch).get("builds", {
            field: ["buildid", "started_at"],
            limit: 1000,
        });
        const started = new Map(rows.map(({ buildid, started_at }) => [buildid, Number(started_at)]));
        const singles = boxes.filter(({ several }) => !several);
        for (const box of singles) {
            for (const other of singles) {
                // Those that are short may stand up to two lines above their time.
                if (box.bottom + 32 >= other.bottom) continue;
                expect(started.get(box.id)).toBeGreaterThanOrEqual(Number(started.get(other.id)));
            }
        }
    });

    test("asks once, and not again for another zoom or filter", async () => {
        const asked: string[] = [];
        page.on("request", (request) => {
            if (request.url().includes("/api/")) asked.push(new URL(request.url()).pathname);
        });
        await open();
        expect(asked.map((path) => path.replace(/^.*api/, "api"))).toEqual(["api/v2/batch"]);
        const before = await drawn();
        await page.getByRole("button", { name: "Show more time" }).click();
        await expect.poll(async () => (await drawn()).some(({ several }) => several)).toBe(true);
        await page.getByRole("button", { name: "Show less time" }).click();
        await expect.poll(async () => (await drawn()).length).toBeGreaterThanOrEqual(before.length / 2);
        await page.getByRole("searchbox").fill("lint");
        await expect.poll(heads).toEqual(["lint"]);
        expect(asked).toHaveLength(1);
    });

    test("has filters and zoom in its address", async () => {
        await open();
        await page.getByRole("searchbox").fill("docs");
        await page.getByRole("button", { name: "Show more time" }).click();
        await expect.poll(heads).toEqual(["docs"]);
        const address = new URL(page.url());
        expect(address.searchParams.get("text")).toBe("docs");
        expect(address.searchParams.get("span")).toMatch(/^\d+(min|h)$/);
        await open(`waterfall${address.search}`);
        expect(await heads()).toEqual(["docs"]);
        expect(await page.locator(".zoom output").textContent()).toBe(
            address.searchParams.get("span")?.replace(/(\d+)/, "$1 "),
        );
        await page.getByRole("button", { name: "Show all" }).click();
        await expect.poll(async () => (await heads()).length).toBeGreaterThan(1);

        await open("waterfall?results=failure");
        await expect.poll(() => page.locator(".waterfall .build:not(.status-failure)").count()).toBe(0);
        await open("waterfall?tag=docs");
        expect(await heads()).toEqual(["docs"]);
    });

    test("shows what happens while one looks", async () => {
        await open();
        const seen = new Set((await drawn()).map(({ id }) => id));
        await expect
            .poll(async () => (await drawn()).filter(({ id }) => !seen.has(id)).length, { timeout: 20_000 })
            .toBeGreaterThan(0);
        await page
            .locator(".waterfall .build.status-running .step, .waterfall .build.status-running .label")
            .first()
            .waitFor();
    });

    test("keeps the heads in sight, and in their place what one looks at while time goes on", async () => {
        await open("waterfall?span=2min");
        await page.locator(".scroller").evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
        const top = await page.locator(".scroller").evaluate((element) => element.getBoundingClientRect().top);
        const head = await page.locator(".waterfall .head").first().boundingBox();
        expect(Math.abs((head?.y ?? 0) - top)).toBeLessThan(3);
        const visible = (await drawn()).find((box) => box.top > top + 100 && box.bottom < top + 500);
        expect(visible).toBeDefined();
        await page.waitForTimeout(2500);
        const now = (await drawn()).find(({ id }) => id === visible?.id);
        expect(Math.abs((now?.bottom ?? 0) - (visible?.bottom ?? 0))).toBeLessThan(2);
    });

    test("is walked through with the keyboard", async () => {
        await open("waterfall?span=2min");
        await page.locator(".waterfall [data-build][tabindex='0']").focus();
        const first = await focused();
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("ArrowDown");
        await expect.poll(async () => (await focused()).build).toBeLessThan(first.build);
        const older = await focused();
        expect(older.builder).toBe(first.builder);
        await page.keyboard.press("ArrowRight");
        await expect.poll(async () => (await focused()).builder).not.toBe(first.builder);
        await page.keyboard.press("End");
        await expect.poll(async () => (await focused()).build).toBeLessThan(20);
        expect((await focused()).seen).toBeGreaterThan(0);
        expect((await focused()).seen).toBeLessThan(800);
        await page.keyboard.press("Home");
        await expect.poll(async () => (await focused()).build).toBeGreaterThan(older.build);
        const { builder } = await focused();
        await page.keyboard.press("Enter");
        await page.waitForURL(new RegExp(`/builders/${builder}/builds/\\d+$`));
    });

    test("shows what was at another time", async () => {
        await open();
        const { rows } = await new Api(replay.base, fetch).get("builds", { buildid: 8, field: ["started_at"] });
        const time = new Date((Number(rows[0]?.["started_at"]) + 1) * 1000).toISOString();
        await open(`waterfall?until=${time}`);
        const ids = (await drawn()).map(({ id }) => id);
        expect(ids).toContain(8);
        expect(Math.max(...ids)).toBeLessThan(20);
        await page.getByRole("button", { name: "Now" }).click();
        await expect.poll(async () => Math.max(...(await drawn()).map(({ id }) => id))).toBeGreaterThan(20);
        await page.goBack();
        await expect.poll(() => new URL(page.url()).pathname).not.toContain("never");
    });

    test.each(["light", "dark"] as const)("has no serious fault for those who need help, %s", async (colorScheme) => {
        await page.emulateMedia({ colorScheme });
        await open();
        await page.evaluate(AXE);
        const faults = await page.evaluate(async () => {
            const axe = (window as unknown as { axe: { run: (what: string) => Promise<AxeResults> } }).axe;
            const { violations } = await axe.run(".waterfall");
            return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
        });
        expect(faults).toEqual([]);
    });

    test("fits a phone: the page is not scrolled sideways, the columns are", async () => {
        await page.setViewportSize({ width: 390, height: 780 });
        await open();
        const { page: sheet, scroller } = await page.evaluate(() => ({
            page: document.documentElement.scrollWidth,
            scroller: document.querySelector(".scroller")?.scrollWidth ?? 0,
        }));
        expect(sheet).toBe(390);
        expect(scroller).toBeGreaterThan(390);
        await page.getByText("Filter", { exact: true }).click();
        await page.getByRole("searchbox").fill("package");
        await expect.poll(heads).toEqual(["package"]);
        expect(await counted()).toContain("1 builder");
    });
});

interface AxeResults {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 100));
}
