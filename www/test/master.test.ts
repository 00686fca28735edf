/** Pages beside a stock buildmaster that builds, while it and the server are killed and started again. */
import { describe, expect, test, vi } from "vitest";
import type { FileHandle } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { Api } from "../src/api/http";
import { LINE } from "../src/views/waterfall/geometry";
import { CHROMIUM } from "./built";
import { change } from "./pages";
import { HAS_SERVER, Replay } from "./replay";
import { context, site, tolerate } from "./site";
import { Stock } from "./stock";

/** The one build that there is has been built before, every twenty seconds: enough to be scrolled. */
const BEFORE = `
    UPDATE builds SET number = 41;
    WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 40)
        INSERT INTO builds (number, builderid, buildrequestid, workerid, masterid,
                started_at, complete_at, locks_duration_s, state_string, results)
            SELECT number - n, builderid, buildrequestid, workerid, masterid,
                    started_at - 20 * n, complete_at - 20 * n, 0, state_string, results
                FROM builds, counted;`;

/** A page that somebody looks at. */
interface Seen {
    readonly page: Page;
    /** Something on it, and where it stands in the window. */
    readonly what: Locator;
    readonly top: number;
    readonly loaded: number;
}

/** A build that is dictated, and all that somebody sees of it. */
interface Watched {
    readonly number: number;
    readonly words: FileHandle;
    readonly waterfall: Page;
    readonly build: Page;
    readonly log: Page;
}

type Marked = typeof globalThis & { marks: string[] };

describe.skipIf(!CHROMIUM || !HAS_SERVER)("pages beside a stock buildmaster", () => {
    let stock: Stock;
    let attached: Replay;
    let api: Api;
    let builder: number;

    site(async (keep) => {
        stock = await keep(Stock.start());
        attached = await keep(Replay.beside(stock.database));
        api = new Api(attached.base, fetch);
        await stock.force("small");
        const built = () => api.get("builds", { complete: true });
        await vi.waitFor(async () => expect((await built()).rows).toHaveLength(1), 30_000);
        change(stock.database, BEFORE);
        const { rows } = await api.get("builders", { name: "dictated" });
        builder = Number(rows[0]?.["builderid"]);
        return { api: attached.base };
    });

    async function open(address: string): Promise<Page> {
        const page = await context.newPage();
        await page.setViewportSize({ width: 1000, height: 500 });
        await page.goto(address);
        return page;
    }

    const address = (number: number) => `builders/${builder}/builds/${number}`;
    const box = (waterfall: Page, number: number) =>
        waterfall.locator(".build", { has: waterfall.locator(`a.label[href="${address(number)}"]`) });
    const classOf = (element: Locator) => element.getAttribute("class");
    /** The last of what the build itself has said. */
    const saidIn = (log: Page) => log.locator(".log-lines .output .text").allTextContents();

    /** Force a build, and follow it: on the waterfall, where its box comes by itself, on a page of its own, and in its log. */
    async function watch(): Promise<Watched> {
        const waterfall = await open("waterfall?span=2min");
        await stock.force("dictated");
        const running = waterfall.locator(".build.status-running a.label");
        await running.waitFor();
        const number = Number(await running.locator(".number").textContent());
        const words = await stock.dictate();
        await words.write(Array.from({ length: 60 }, (_, at) => `word ${at + 1}\n`).join(""));
        const build = await open(address(number));
        const link = build.locator(".build-steps .status-running .logs a");
        const log = await open(String(await link.getAttribute("href")));
        await log.locator(".log-lines").getByText("word 60", { exact: true }).waitFor();
        return { number, words, waterfall, build, log };
    }

    /** Scroll each page, and note what is seen then. */
    async function scroll({ waterfall, build, log }: Watched): Promise<Seen[]> {
        await waterfall.locator(".scroller").evaluate((element) => element.scrollTo(0, 900));
        await build.evaluate(() => scrollTo(0, 60));
        await log.keyboard.press("h");
        await log.getByText("1", { exact: true }).waitFor();
        return [
            await seen(waterfall, await inSight(waterfall)),
            await seen(build, build.locator("#step-1")),
            await seen(log, log.locator(".log-lines .line").first()),
        ];
    }

    /** A build that stands some way down in the window. */
    async function inSight(waterfall: Page): Promise<Locator> {
        const found = await waterfall.waitForFunction(() =>
            [...document.querySelectorAll<HTMLElement>(".waterfall a.label")].find((label) => {
                const { top } = label.getBoundingClientRect();
                return top > 300 && top < 450;
            }),
        );
        const id = await found.evaluate((label) => label?.dataset["build"]);
        return waterfall.locator(`[data-build="${String(id)}"]`);
    }

    /** From now on, all that its marker says is kept. */
    async function seen(page: Page, what: Locator): Promise<Seen> {
        await page.locator(".connection.live").waitFor();
        await page.locator(".connection [role=status]").evaluate((marker) => {
            const marks = [marker.textContent];
            const look = () => {
                if (marks.at(-1) !== marker.textContent) marks.push(marker.textContent);
            };
            new MutationObserver(look).observe(marker, { characterData: true, childList: true, subtree: true });
            (globalThis as Marked).marks = marks;
        });
        const loaded = await page.evaluate(() => performance.timeOrigin);
        return { page, what, top: await topOf(what), loaded };
    }

    const topOf = (what: Locator) => what.evaluate((element) => element.getBoundingClientRect().top);

    /** They are the same pages, at the same place, and their markers have said just this. */
    async function expectKept(all: readonly Seen[], ...marks: readonly string[]) {
        for (const { page, what, top, loaded } of all) {
            await expect.poll(() => page.evaluate(() => (globalThis as Marked).marks)).toEqual(marks);
            expect(await page.evaluate(() => performance.timeOrigin)).toBe(loaded);
            expect(Math.abs((await topOf(what)) - top)).toBeLessThan(3);
        }
    }

    /** It is drawn as long as it runs, and then as what has become of it. */
    async function expectEnd(box: Locator, words: FileHandle) {
        // By then the next one has a box of its own above it.
        await expect.poll(async () => (await box.boundingBox())?.height).toBeGreaterThan(2 * LINE);
        expect(await classOf(box)).toBe("build status-running");
        await words.close();
        await expect.poll(() => classOf(box)).toBe("build status-success");
    }

    /** Nothing stands anywhere twice, and nothing is missing in between. */
    async function expectWhole({ number, waterfall, build, log }: Watched, ...last: readonly string[]) {
        await waterfall.locator(".scroller").evaluate((element) => element.scrollTo(0, 0));
        await expect.poll(() => box(waterfall, number).count()).toBe(1);
        const drawn = await waterfall.locator("[data-build]").evaluateAll((all) => all.map((one) => one.dataset.build));
        expect(new Set(drawn).size).toBe(drawn.length);

        const { rows: steps } = await api.get(`${address(number)}/steps`, { hidden: false });
        await expect.poll(() => build.locator(".build-steps ol > li").count()).toBe(steps.length);
        await expect.poll(() => build.locator(".build-steps .logs a").count()).toBe(1);

        await log.keyboard.press("t");
        await expect.poll(async () => (await saidIn(log)).slice(-last.length)).toEqual(last);
        const numbers = (await log.locator(".log-lines .number").allTextContents()).map(Number);
        expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
        expect(numbers.at(-1)).toBe((await api.get(`${address(number)}/steps/1/logs`)).rows[0]?.["num_lines"]);
    }

    test("show a build from its beginning to its end, and each line of its log", async () => {
        const watched = await watch();
        const { number, words, waterfall, build, log } = watched;
        await words.write("one more\n");
        // At the end of the log one sees what is new.
        await log.locator(".log-lines").getByText("one more", { exact: true }).waitFor();
        await words.close();
        await build.locator("h1 .status-success").waitFor();
        await log.locator("h1 .status-success").waitFor();
        await expect.poll(() => classOf(box(waterfall, number))).toBe("build status-success");
        await expectWhole(watched, "word 59", "word 60", "one more");
    });

    test("go on when the buildmaster is killed and started again", async () => {
        const watched = await watch();
        const { number, words, waterfall, build, log } = watched;
        const kept = await scroll(watched);
        await stock.kill();
        await words.close();
        await stock.restart();
        // What it was building is built again.
        const again = await stock.dictate();
        for (const page of [build, log]) await page.locator("h1 .status-retry").waitFor();
        await build.getByRole("link", { name: `Next build: #${number + 1}` }).waitFor();
        await expectKept(kept, "Live");
        await expectWhole(watched, "word 59", "word 60");
        await expect.poll(() => classOf(box(waterfall, number))).toBe("build status-retry");
        await expectEnd(box(waterfall, number + 1), again);
    });

    test("go on when the server is killed and started again, with all that was built meanwhile", async () => {
        // Of a request that was made meanwhile the browser itself complains.
        tolerate(/Failed to load resource: net::ERR_/);
        const watched = await watch();
        const { number, words, waterfall, build, log } = watched;
        const kept = await scroll(watched);
        await attached.halt("SIGKILL");
        for (const { page } of kept) await page.locator(".connection.reconnecting").waitFor();
        await words.write("unheard\n");
        await words.close();
        await stock.force("dictated");
        const next = await stock.dictate();
        await attached.attach();
        for (const { page } of kept) await page.locator(".connection.live").waitFor();
        for (const page of [build, log]) await page.locator("h1 .status-success").waitFor();
        await build.getByRole("link", { name: `Next build: #${number + 1}` }).waitFor();
        await expectKept(kept, "Live", "Reconnecting", "Live");
        await expectWhole(watched, "word 59", "word 60", "unheard");
        await expect.poll(() => classOf(box(waterfall, number))).toBe("build status-success");
        await expectEnd(box(waterfall, number + 1), next);
    });
});
