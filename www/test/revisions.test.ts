/** Grid, transposed grid and console in a browser, over a real server on which builds happen. */
import { describe, expect, test } from "vitest";
import { Api } from "../src/api/http";
import { CHROMIUM } from "./built";
import { faultsOf } from "./pages";
import { HAS_SERVER, Replay } from "./replay";
import { asked, base, browser, page, site, visit } from "./site";

const HOSTILE = `<img src=x onerror="document.title='markup'">\u202e${"long".repeat(2000)}`;

describe.skipIf(!CHROMIUM || !HAS_SERVER)("revisions and builders", () => {
    let api: Api;

    site(async (keep) => {
        const replay = await keep(Replay.played(20));
        await replay.serve("--forever", "--rate", "30");
        api = new Api(replay.base, fetch);
        return { api: replay.base };
    });

    const open = (address: string) => visit(address, ".matrix .cell");

    const cells = () =>
        page.evaluate(() =>
            [...document.querySelectorAll<HTMLElement>(".matrix .cell")].map((cell) => ({
                href: cell.getAttribute("href"),
                name: cell.ariaLabel ?? "",
                stop: cell.tabIndex === 0,
            })),
        );
    describe.each(["grid", "tgrid", "console?group=nothing"])("%s", (view) => {
        test("asks once, and not again for what is chosen of what is there", async () => {
            await open(view);
            const all = (await cells()).length;
            await page.getByRole("button", { name: "Results" }).click();
            await page.getByRole("checkbox", { name: "failure" }).check();
            await expect.poll(async () => (await cells()).length).toBeLessThan(all);
            expect((await cells()).every(({ name }) => name.includes("failure"))).toBe(true);
            expect(new URL(page.url()).searchParams.getAll("results")).toEqual(["failure"]);
            expect(asked).toEqual(["batch"]);
        });

        test("has one stop for the keyboard, and arrows that go from there", async () => {
            await open(view);
            expect((await cells()).filter(({ stop }) => stop)).toHaveLength(1);
            // One that has another one below it.
            const found = await page.evaluate(() => {
                const all = [...document.querySelectorAll<HTMLElement>(".matrix .cell")];
                const from = all.find((cell) => {
                    const { left, bottom } = cell.getBoundingClientRect();
                    return all.some(
                        (other) =>
                            other.offsetLeft === cell.offsetLeft &&
                            other.getBoundingClientRect().top > bottom - 5 &&
                            left > 0,
                    );
                });
                from?.setAttribute("data-from", "");
                from?.focus();
                return from !== undefined;
            });
            expect(found).toBe(true);
            /** Where the focus is, from where it was at first: right and down. */
            const moved = () =>
                page.evaluate(() => {
                    const [from, now] = [document.querySelector("[data-from]"), document.activeElement].map((element) =>
                        element?.getBoundingClientRect(),
                    );
                    return [
                        Math.sign((now?.left ?? 0) - (from?.left ?? 0)),
                        Math.sign((now?.top ?? 0) - (from?.top ?? 0)),
                    ];
                });
            await page.keyboard.press("ArrowDown");
            await expect.poll(moved).toEqual([0, 1]);
            expect((await cells()).filter(({ stop }) => stop)).toHaveLength(1);
            await page.keyboard.press("ArrowUp");
            await expect.poll(moved).toEqual([0, 0]);
            await page.keyboard.press("End");
            await page.keyboard.press("Enter");
            await page.waitForURL(/builds\/\d+$|builders\/\d+$|console[?]/);
        });

        test("keeps its heads where they are", async () => {
            await open(view);
            await page.setViewportSize({ width: 390, height: 420 });
            const boxes = () =>
                page.evaluate(() => {
                    const box = (selector: string) => document.querySelector(selector)?.getBoundingClientRect();
                    return [box(".matrix-heads")?.top, box(".matrix-corner")?.left, box(".matrix-aside")?.left];
                });
            const before = await boxes();
            await page.locator(".matrix").evaluate((element) => element.scrollTo(40, 20));
            expect(
                await page.locator(".matrix").evaluate((element) => element.scrollLeft + element.scrollTop),
            ).toBeGreaterThan(0);
            expect(await boxes()).toEqual(before);
        });

        test("shows what happens while one looks", async () => {
            await open(view);
            const before = new Set((await cells()).map(({ name }) => name.replace(/, [^,]*$/, "")));
            await expect
                .poll(async () => (await cells()).some(({ name }) => !before.has(name.replace(/, [^,]*$/, ""))))
                .toBe(true);
        });

        test("draws no name and no message as markup", async () => {
            await page.route("**/api/v2/batch", async (route) => {
                const response = await route.fetch();
                const body = (await response.json()) as { answers: Record<string, Record<string, unknown>[]>[] };
                for (const { builders, changes } of body.answers) {
                    for (const builder of builders ?? []) builder["name"] = HOSTILE;
                    for (const change of changes ?? [])
                        Object.assign(change, { author: HOSTILE, comments: HOSTILE, branch: HOSTILE });
                }
                await route.fulfill({ response, json: body });
            });
            await open(view);
            expect(await page.locator(".matrix img").count()).toBe(0);
            expect(await page.title()).not.toContain("markup");
            expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
        });

        test.each(["light", "dark"] as const)("has no fault for those who need help, %s", async (colorScheme) => {
            await page.emulateMedia({ colorScheme });
            await open(view);
            expect(await faultsOf(page, ".revisions")).toEqual([]);
        });

        test("fits a phone: the page is not scrolled sideways, and a finger hits its cells", async () => {
            const phone = await browser.newContext({
                baseURL: base.href,
                viewport: { width: 390, height: 780 },
                hasTouch: true,
                isMobile: true,
            });
            const held = await phone.newPage();
            await held.goto(view);
            await held.locator(".matrix .cell").first().waitFor();
            const found = await held.evaluate(() => ({
                width: document.documentElement.scrollWidth,
                cells: [...document.querySelectorAll(".matrix .cell")].map((cell) => {
                    const { width, height } = cell.getBoundingClientRect();
                    return Math.min(width, height);
                }),
            }));
            expect(found.width).toBe(390);
            expect(Math.min(...found.cells)).toBeGreaterThanOrEqual(44);
            await phone.close();
        });
    });

    test.each(["grid", "tgrid"])("%s has a cell for each build, that says all of it and leads there", async (view) => {
        await open(view);
        const { rows } = await api.get("builds", {
            complete: true,
            results: 0,
            order: "-buildid",
            limit: 3,
            expand: ["builder", "sourcestamps"],
        });
        const shown = await cells();
        for (const row of rows) {
            const { name } = row["builder"] as { name: string };
            const [stamp] = row["sourcestamps"] as { revision: string | null }[];
            const cell = shown.find(
                ({ href }) => href === `builders/${String(row["builderid"])}/builds/${String(row["number"])}`,
            );
            // It may have begun since, or have been built again.
            if (!cell) continue;
            expect(cell.name).toContain(`${name} #${String(row["number"])}, revision `);
            if (stamp?.revision) expect(cell.name).toContain(stamp.revision.slice(0, 8));
            expect(cell.name).toMatch(/, (success after [\dhms ]+|running), (now|\d+ \w+ ago)/);
        }
        expect(shown.length).toBeGreaterThan(3);
    });

    test("the transposed grid leaves no room empty beside few columns", async () => {
        await open("tgrid");
        const widths = () =>
            page.evaluate(() => {
                const sheet = document.querySelector<HTMLElement>(".matrix-sheet");
                const matrix = document.querySelector<HTMLElement>(".matrix");
                return [sheet?.offsetWidth, matrix?.clientWidth];
            });
        for (const width of [1280, 800]) {
            await page.setViewportSize({ width, height: 800 });
            await expect.poll(async () => new Set(await widths()).size).toBe(1);
        }
    });

    test("the grid puts failing builders first when told so, and says it in its address", async () => {
        await open("grid");
        await page.getByRole("button", { name: "Failing first" }).click();
        await expect.poll(() => new URL(page.url()).searchParams.get("sort")).toBe("worst");
        await expect.poll(() => page.getByRole("button", { name: "Failing first", pressed: true }).count()).toBe(1);
    });

    test("a revision in the grid leads to all of it in the console", async () => {
        await open("grid");
        await page.locator(".matrix-head a").first().click();
        await page.locator(".details .builds a").first().waitFor();
        expect(new URL(page.url()).pathname).toMatch(/\/console$/);
    });

    test("the console opens a group, and a revision, and has both in its address", async () => {
        await page.route("**/api/v2/batch", async (route) => {
            const response = await route.fetch();
            const body = (await response.json()) as {
                answers: { builders?: { builderid: number; tags: string[] }[] }[];
            };
            for (const { builders } of body.answers)
                for (const builder of builders ?? []) builder.tags = [builder.builderid % 2 ? "odd" : "even"];
            await route.fulfill({ response, json: body });
        });
        await open("console?group=-");
        expect(await page.locator(".cell:not(.summary)").count()).toBe(0);
        const group = page.locator(".matrix-head button").first();
        expect(await group.getAttribute("aria-expanded")).toBe("false");
        await group.click();
        await page.locator(".cell:not(.summary)").first().waitFor();
        expect(await group.getAttribute("aria-expanded")).toBe("true");
        await page.locator(".matrix-aside button").nth(1).click();
        await page.locator(".details").waitFor();
        const { searchParams } = new URL(page.url());
        expect(searchParams.getAll("group")).toHaveLength(1);
        expect(searchParams.getAll("open")).toHaveLength(1);
        expect(await page.locator("main *").count()).toBeLessThan(1500);
    });

    test("the console tells of all builds of a commit, also of those that are older than what is loaded", async () => {
        const { rows } = await api.get("changes", {
            limit: 40,
            order: "-changeid",
            expand: "builds",
            "builds.order": "buildid",
        });
        const [change] = rows.filter((row) => (row["builds"] as unknown[]).length > 1).slice(-1);
        expect(change).toBeDefined();
        const builds = change?.["builds"] as {
            buildid: number;
            builderid: number;
            number: number;
            started_at: number;
        }[];
        const newest = builds.at(-1);
        await page.route("**/api/v2/batch", async (route) => {
            const response = await route.fetch();
            const body = (await response.json()) as { answers: { builds?: typeof builds; meta: { next?: string } }[] };
            for (const answer of body.answers) {
                if (!answer.builds || body.answers.length === 1) continue;
                answer.builds = answer.builds.filter(({ buildid }) => buildid >= (newest?.buildid ?? 0));
                answer.meta.next = "builds?page=older";
            }
            await route.fulfill({ response, json: body });
        });
        // It does not come.
        await page.route("**/builds?page=older", () => undefined);
        await open(`console?open=c${String(change?.["changeid"])}`);
        for (const { builderid, number } of builds)
            await page.locator(`.details a[href="builders/${builderid}/builds/${number}"]`).waitFor();
    });

    test("the console tells of a change that is older than all that are loaded", async () => {
        const { rows } = await api.get("changes", { order: "changeid", expand: "builds", limit: 40 });
        const old = Number(rows.find((row) => (row["builds"] as unknown[]).length > 0)?.["changeid"]);
        await page.route("**/api/v2/batch", async (route) => {
            const response = await route.fetch();
            const body = (await response.json()) as { answers: { changes?: { changeid: number }[] }[] };
            if (body.answers.length > 1)
                for (const answer of body.answers)
                    if (answer.changes) answer.changes = answer.changes.filter(({ changeid }) => changeid > old);
            await route.fulfill({ response, json: body });
        });
        await open(`console?open=c${old}`);
        await page.locator(".elsewhere .builds a").first().waitFor();
        await page.getByRole("button", { name: "Close" }).click();
        await expect.poll(() => page.locator(".elsewhere").count()).toBe(0);
    });

    test("what comes in above moves nothing of what one looks at", async () => {
        await open("tgrid");
        await page.setViewportSize({ width: 800, height: 500 });
        const matrix = page.locator(".matrix");
        await expect
            .poll(() => matrix.evaluate((element) => element.scrollHeight - element.clientHeight))
            .toBeGreaterThan(300);
        await matrix.evaluate((element) => element.scrollTo(0, 130));
        const places = (): Promise<Record<string, number>> =>
            page.evaluate(() =>
                Object.fromEntries(
                    [...document.querySelectorAll(".matrix-aside a")].map((head): [string, number] => [
                        head.getAttribute("href") ?? "",
                        Math.round(head.getBoundingClientRect().top),
                    ]),
                ),
            );
        const before = await places();
        const height = () => page.locator(".matrix-sheet").evaluate((element) => element.clientHeight);
        const high = await height();
        await expect.poll(height).toBeGreaterThan(high);
        const now = await places();
        const both = Object.keys(before).filter((key) => key in now);
        expect(both.length).toBeGreaterThan(0);
        // Of revisions that were not built again meanwhile.
        const still = both.filter((key) => now[key] === before[key]);
        expect(still.length).toBeGreaterThan(both.length / 2);
    });

    test("says what to do where nothing meets the filter", async () => {
        await page.goto("console?text=no-such-thing");
        await page.locator(".empty").getByRole("button", { name: "Show all" }).click();
        await page.locator(".matrix .cell").first().waitFor();
    });
});
