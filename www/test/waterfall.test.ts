/** The waterfall in a browser, over a real server on which builds happen. */
import { describe, expect, test } from "vitest";
import { Api } from "../src/api/http";
import { CHROMIUM } from "./built";
import { change, faultsOf } from "./pages";
import { HAS_SERVER, Replay } from "./replay";
import { asked, page, site, visit } from "./site";

/** As if everything had taken so much longer that it began fifty minutes ago. */
const SLOWER = `
    CREATE TEMP TABLE longer AS SELECT 3000 / max(1, $NOW - min(started_at)) AS by FROM builds;
    ${[
        ["builds", "started_at"],
        ["builds", "complete_at"],
        ["steps", "started_at"],
        ["steps", "complete_at"],
        ["changes", "when_timestamp"],
        ["sourcestamps", "created_at"],
    ]
        .map(([table, time]) => `UPDATE ${table} SET ${time} = $NOW - ($NOW - ${time}) * (SELECT by FROM longer);`)
        .join("\n")}`;

/** What nobody would call a builder, 500 more of them, and builds of clocks and masters that nobody can trust. */
const HOSTILE = `
    WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 500)
        INSERT INTO builders (id, name, name_hash) SELECT 9100 + n, 'zz-builder ' || n, 'many' || n FROM counted;
    INSERT INTO builders (id, name, name_hash) VALUES
        (9001, '<img src=x onerror=alert(1)><b>bold</b>', 'markup'),
        (9002, 'לבנות את זה ‮txt.exe', 'rtl'),
        (9003, '1' || replace(hex(zeroblob(500)), '00', 'ab'), 'long');
    WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 500)
        INSERT INTO builds (id, number, builderid, buildrequestid, masterid, started_at, complete_at,
                locks_duration_s, state_string, results)
            SELECT 91000 + n, 1, 9100 + n, 1, 1, $NOW - 700, $NOW - 300, 0, 'built', 0 FROM counted;
    WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 40)
        INSERT INTO builds (id, number, builderid, buildrequestid, masterid, started_at, complete_at,
                locks_duration_s, state_string, results)
            SELECT 92000 + n, n, 9001, 1, 1, $NOW - 600, $NOW - 600 + n, 0, '<script>alert(1)</script>', 2 FROM counted;
    INSERT INTO builds (id, number, builderid, buildrequestid, masterid, started_at, complete_at,
            locks_duration_s, state_string, results) VALUES
        (92101, 101, 9001, 1, 1, $NOW - 100, $NOW - 400, 0, 'ended before it began', 0),
        (92102, 102, 9001, 1, 77, $NOW - 500, NULL, 0, 'building', NULL),
        (92103, 103, 9003, 1, 1, $NOW + 900, $NOW + 960, 0, 'from the future', 1);`;

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

    site(async (keep) => {
        replay = await keep(Replay.played(80));
        change(replay.database, dated(SLOWER));
        await replay.serve("--forever", "--rate", "30");
        return { api: replay.base };
    });

    const open = (address = "waterfall") => visit(address, ".waterfall .build");

    const focused = () =>
        page.evaluate(() => ({
            build: Number(document.activeElement?.getAttribute("data-build") ?? NaN),
            builder: Number(document.activeElement?.closest("[data-builder]")?.getAttribute("data-builder")),
            seen: document.activeElement?.getBoundingClientRect().top ?? -1,
        }));
    const heads = () => page.locator(".waterfall .head > a").allTextContents();
    const counted = () => page.locator(".waterfall [role=status]").textContent();

    test("shows builds with their steps, the newer above, and none over another", async () => {
        await open("waterfall?span=20min");
        await expect.poll(async () => (await drawn()).length).toBeGreaterThan(5);
        const withSteps = () =>
            page.evaluate(
                () =>
                    [...document.querySelectorAll<HTMLElement>(".waterfall .build")].filter(
                        (box) => box.querySelector(".step") ?? box.style.getPropertyValue("--stripes"),
                    ).length,
            );
        await expect.poll(withSteps).toBeGreaterThan(0);
        const boxes = await drawn();
        expectApart(boxes);
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
        await open();
        expect(asked).toEqual(["batch"]);
        const before = await drawn();
        await page.getByRole("button", { name: "Show more time" }).click();
        await expect.poll(async () => (await drawn()).some(({ several }) => several)).toBe(true);
        await page.getByRole("button", { name: "Show less time" }).click();
        await expect.poll(async () => (await drawn()).length).toBeGreaterThanOrEqual(before.length / 2);
        await page.getByRole("searchbox").fill("lint");
        await expect.poll(heads).toEqual(["lint"]);
        expect(asked).toHaveLength(1);
    });

    test("comes in few files, the page's own beside what is around every page", async () => {
        const scripts: string[] = [];
        const own = page.waitForRequest(/[/]page-[^/]+[.]js$/);
        page.on("request", (request) => {
            if (request.resourceType() === "script" || /[.]js$/.test(request.url())) scripts.push(request.url());
        });
        await page.route(/[/](app|shared)-[^/]+[.]js$/, async (route) => {
            await own;
            await route.continue();
        });
        await open();
        expect(new Set(scripts).size).toBeLessThanOrEqual(6);
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
        await expect.poll(heads).toEqual(["docs"]);
        expect(await page.locator(".zoom output").textContent()).toBe(
            address.searchParams.get("span")?.replace(/(\d+)/, "$1 "),
        );
        await page.getByRole("button", { name: "Show all" }).click();
        await expect.poll(async () => (await heads()).length).toBeGreaterThan(1);

        await open("waterfall?results=failure");
        await expect.poll(() => page.locator(".waterfall .build:not(.status-failure)").count()).toBe(0);
        await open("waterfall?tag=docs");
        await expect.poll(heads).toEqual(["docs"]);
    });

    test("shows what happens while one looks", async () => {
        await open();
        const seen = new Set((await drawn()).map(({ id }) => id));
        await expect.poll(async () => (await drawn()).filter(({ id }) => !seen.has(id)).length).toBeGreaterThan(0);
        await page
            .locator(".waterfall .build.status-running .step, .waterfall .build.status-running .label")
            .first()
            .waitFor();
    });

    test("keeps the heads in sight, and in their place what one looks at while time goes on", async () => {
        await open("waterfall?span=20min");
        await page.locator(".scroller").evaluate((element) => element.scrollTo(0, element.scrollHeight));
        const top = await page.locator(".scroller").evaluate((element) => element.getBoundingClientRect().top);
        const head = await page.locator(".waterfall .head").first().boundingBox();
        expect(Math.abs((head?.y ?? 0) - top)).toBeLessThan(3);
        const inSight = async () => (await drawn()).find(({ bottom }) => bottom > top + 100 && bottom < top + 650);
        await expect.poll(inSight).toBeDefined();
        const visible = await inSight();
        const moving = page.locator(".waterfall .moving").first();
        for (const second of [1, 2]) {
            const before = await moving.getAttribute("style");
            await expect.poll(() => moving.getAttribute("style"), { message: `second ${second}` }).not.toBe(before);
        }
        const now = (await drawn()).find(({ id }) => id === visible?.id);
        expect(Math.abs((now?.bottom ?? 0) - (visible?.bottom ?? 0))).toBeLessThan(2);
    });

    test("is walked through with the keyboard", async () => {
        await open("waterfall?span=20min");
        await page.locator(".waterfall [data-build][tabindex='0']").focus();
        const first = await focused();
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("ArrowDown");
        await expect.poll(async () => (await focused()).build).toBeLessThan(first.build);
        const older = await focused();
        expect(older.builder).toBe(first.builder);
        await page.keyboard.press("ArrowRight");
        await expect.poll(async () => (await focused()).builder).not.toBe(first.builder);
        const beside = await focused();
        await page.keyboard.press("End");
        await expect.poll(async () => (await focused()).build).toBeLessThan(20);
        expect((await focused()).seen).toBeGreaterThan(0);
        expect((await focused()).seen).toBeLessThan(800);
        await page.keyboard.press("Home");
        await expect.poll(async () => (await focused()).build).toBeGreaterThanOrEqual(beside.build);
        // Of several builds in one box there is no page.
        await page.locator(".waterfall a[data-build]").first().focus();
        const { builder } = await focused();
        await page.keyboard.press("Enter");
        await page.waitForURL(new RegExp(`/builders/${builder}/builds/\\d+$`));
    });

    test("has the keyboard stay where it is when builds come together in one box", async () => {
        await open("waterfall?span=20min");
        await page.locator(".waterfall a[data-build][tabindex='0']").focus();
        const zoomed = async () => {
            await page.keyboard.press("-");
            return page.evaluate(() => document.activeElement?.tagName);
        };
        await expect.poll(zoomed).not.toBe("A");
        expect((await focused()).build).toBeGreaterThan(0);
    });

    test("shows what was at another time", async () => {
        await open();
        const { rows } = await new Api(replay.base, fetch).get("builds", { limit: 1000 });
        const started = new Map(rows.map(({ buildid, started_at }) => [Number(buildid), Number(started_at)]));
        const time = (started.get(12) ?? 0) + 1;
        await open(`waterfall?until=${new Date(time * 1000).toISOString()}`);
        const times = (await drawn()).map(({ id }) => started.get(id) ?? Infinity);
        expect(Math.max(...times)).toBeLessThanOrEqual(time);
        expect(Math.min(...times)).toBeLessThan(time);
        await page.getByRole("button", { name: "Now" }).click();
        await expect.poll(async () => Math.max(...(await drawn()).map(({ id }) => id))).toBeGreaterThan(30);
    });

    test.each(["2999-01-01T00:00:00Z", "yesterday"])("shows the present for a time that is none, %s", async (time) => {
        await open(`waterfall?until=${time}&span=ages`);
        expect(await page.getByLabel("Show what was at a time").inputValue()).toBe("");
        expect((await drawn()).length).toBeGreaterThan(0);
    });

    test("says so where there is nothing to show", async () => {
        await page.goto("waterfall?until=2001-01-01T00:00:00Z");
        await page.getByText("None of these builders had built anything by").waitFor();
    });

    test("does not jump while somebody types", async () => {
        await open();
        const top = () => page.locator(".scroller").evaluate((element) => element.getBoundingClientRect().top);
        const before = await top();
        await page.getByRole("searchbox").fill("docs");
        await page.getByRole("button", { name: "Show all" }).waitFor();
        expect(await top()).toBe(before);
    });

    test("has times of the reader's own clock", async () => {
        await open("waterfall?span=20min");
        const ticks = () => page.locator(".waterfall .tick:not(.day)").allTextContents();
        await expect.poll(ticks).not.toEqual([]);
        expect((await ticks()).every((time) => /^1?\d:\d\d\s[AP]M$/.test(time))).toBe(true);
        const cut = await page
            .locator(".waterfall .tick:not(.day)")
            .evaluateAll((all) => all.filter((tick) => tick.scrollWidth > tick.clientWidth).length);
        expect(cut).toBe(0);
    });

    test.each(["light", "dark"] as const)("has no serious fault for those who need help, %s", async (colorScheme) => {
        await page.emulateMedia({ colorScheme });
        await open();
        expect(await faultsOf(page, ".waterfall")).toEqual([]);
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
        await expect.poll(counted).toContain("1 builder");
    });
});

describe.skipIf(!CHROMIUM || !HAS_SERVER)("the waterfall of hostile data", () => {
    site(async (keep) => {
        const replay = await keep(Replay.played(5));
        change(replay.database, dated(HOSTILE));
        await replay.serve("--lives", "1");
        return { api: replay.base };
    });

    test.each([1280, 390])("is drawn whole, as text, and in few elements, %d pixels wide", async (width) => {
        await page.setViewportSize({ width, height: 800 });
        await visit("waterfall?span=10min", ".waterfall .build");

        const heads = await page.locator(".waterfall .head").evaluateAll((all) =>
            all.map((head) => ({
                text: head.textContent,
                html: head.querySelectorAll("img, b").length,
                height: head.clientHeight,
            })),
        );
        expect(heads.some(({ text }) => text.includes("<img src=x onerror=alert(1)>"))).toBe(true);
        expect(heads.every(({ html, height }) => html === 0 && height === heads[0]?.height)).toBe(true);
        const { nodes, across, sheet } = await page.evaluate(() => ({
            nodes: document.querySelectorAll("*").length,
            across: document.documentElement.scrollWidth,
            sheet: document.querySelector(".scroller")?.scrollWidth ?? 0,
        }));
        expect(nodes).toBeLessThan(1500);
        expect(across).toBe(width);
        expect(sheet).toBeGreaterThan(100 * 90);
        const boxes = await drawn();
        expectApart(boxes);
        // One of forty at the same second, one whose master is gone, one that ended before it began, one from the future.
        const at = async (number: number) =>
            page.locator(`.waterfall a[href="builders/9001/builds/${number}"]`).count();
        await expect.poll(() => at(101)).toBeGreaterThan(0);
        await expect.poll(() => page.locator(".waterfall .build.status-unknown").count()).toBeGreaterThan(0);
        for (const box of boxes) expect(box.bottom - box.top).toBeGreaterThan(14);

        await page.locator(".scroller").evaluate((element) => element.scrollTo(element.scrollWidth, 0));
        await page.getByText("zz-builder 500", { exact: true }).waitFor();
        await page
            .getByRole("searchbox")
            .or(page.getByText("Filter", { exact: true }))
            .first()
            .click();
        await page.getByRole("searchbox").fill("לבנות");
        await expect.poll(() => page.locator(".waterfall .head").count()).toBe(1);
    });
});

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

function expectApart(boxes: readonly Drawn[]): void {
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
}

/** With $NOW as the present. */
function dated(statements: string): string {
    return statements.replaceAll("$NOW", String(Math.floor(Date.now() / 1000)));
}
