/** The first page, the builders and a builder in a browser, over a real server on which builds happen. */
import { describe, expect, test, vi } from "vitest";
import { Api } from "../src/api/http";
import { CHROMIUM } from "./built";
import { beginBuild, change, endBuild, faultsOf, widthOf } from "./pages";
import { HAS_SERVER, Replay } from "./replay";
import { asked, page, site, visit } from "./site";

const HOSTILE = `<img src=x onerror="window.hit=1">\u202egnol ${"x".repeat(300)}`;
/** By the builders' ids. */
const PAGES = { home: "", builders: "builders", builder: "builders/1", hostile: "builders/3" };

describe.skipIf(!CHROMIUM || !HAS_SERVER)("pages of builders", () => {
    let replay: Replay;
    let api: Api;

    site(async (keep) => {
        replay = await keep(Replay.played(60));
        await replay.serve("--forever", "--rate", "25");
        api = new Api(replay.base, fetch);
        const running = () => api.get("builds", { complete: false });
        await vi.waitFor(async () => expect((await running()).rows).not.toEqual([]), 20_000);
        change(replay.database, [
            ["UPDATE builders SET name = ? WHERE id = 3", HOSTILE],
            ["UPDATE builds SET state_string = ? WHERE builderid = 3", HOSTILE],
            ["UPDATE changes SET author = ?, comments = ?", HOSTILE, HOSTILE],
            ["UPDATE workers SET name = name || ?", HOSTILE],
            ["UPDATE tags SET name = name || ?", HOSTILE],
            ["UPDATE steps SET name = ? WHERE name = 'configure'", HOSTILE],
        ]);
        return { api: replay.base };
    });

    const open = (address: string) => visit(address, "main :is(li, tbody tr, .charts)");
    const names = () => page.locator(".builders [data-line]").allTextContents();

    describe.each(Object.entries(PAGES))("%s", (_, address) => {
        test("comes with one request, and has no fault that axe finds, in either theme", async () => {
            await open(address);
            expect(asked).toEqual(["batch"]);
            expect(await faultsOf(page)).toEqual([]);
            await page.emulateMedia({ colorScheme: "dark" });
            expect(await faultsOf(page)).toEqual([]);
        });

        test("fits a phone, whatever things are called", async () => {
            await page.setViewportSize({ width: 390, height: 780 });
            await open(address);
            expect(await widthOf(page)).toBe(390);
            expect(await page.evaluate(() => "hit" in window || document.querySelector("main img") !== null)).toBe(
                false,
            );
        });
    });

    test("builders are chosen and sorted in what is loaded, and the address says how", async () => {
        await open(PAGES.builders);
        expect(await names()).toHaveLength(5);
        await page.keyboard.press("/");
        await page.keyboard.type("mac");
        await expect.poll(names).toEqual(["mac os x"]);
        await expect.poll(() => new URL(page.url()).search).toBe("?text=mac");
        await page.getByRole("button", { name: "Show all" }).click();
        await page.getByRole("button", { name: "Builder", exact: true }).click();
        await expect.poll(async () => (await names()).slice(1)).toEqual(["lint", "linux", "mac os x", "package"]);
        await page.reload();
        await expect.poll(async () => (await names()).slice(1)).toEqual(["lint", "linux", "mac os x", "package"]);
        expect(asked).toHaveLength(2);
    });

    test("sorting moves the lines that are there, and the focus stays where it was", async () => {
        await open(`${PAGES.builders}?sort=name`);
        const lines = page.locator(".builders tbody tr");
        await lines.evaluateAll((all) => all.forEach((line) => line.setAttribute("data-known", "")));
        const before = await names();
        await page.getByRole("button", { name: "Last", exact: true }).focus();
        await page.keyboard.press("Enter");
        await page.waitForURL(/sort=last/);
        await expect.poll(names).not.toEqual(before);
        expect(await page.locator(".builders tr[data-known]").count()).toBe(5);
        await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Last ▼");
    });

    test("on a phone builders are sorted by a choice in place of heads", async () => {
        await page.setViewportSize({ width: 390, height: 780 });
        await open(PAGES.builders);
        expect(await page.locator(".builders thead").isVisible()).toBe(false);
        await page.getByLabel("Sorted by").selectOption("name");
        await expect.poll(async () => (await names()).slice(1)).toEqual(["lint", "linux", "mac os x", "package"]);
    });

    test("builders show each build that begins, as it begins", async () => {
        await open(PAGES.builders);
        const newest = async () => {
            const hrefs = await page
                .locator(".strip > a:last-child")
                .evaluateAll((all) => all.map((a) => a.getAttribute("href")));
            return hrefs.sort();
        };
        const latest = async () => {
            const { rows } = await api.get("builders", { field: "builderid", expand: "latest_build" });
            return (rows as { builderid: number; latest_build: { number: number } }[])
                .map(({ builderid, latest_build: { number } }) => `builders/${builderid}/builds/${number}`)
                .sort();
        };
        const before = await newest();
        await expect
            .poll(async () => {
                const [shown, told] = [await newest(), await latest()];
                return shown.join() === told.join() && shown.join() !== before.join();
            })
            .toBe(true);
        expect(asked.length).toBeLessThan(3);
    });

    test("keys go through the builders, and into one and its builds", async () => {
        await open(`${PAGES.builders}?sort=name`);
        for (const key of ["j", "j", "j", "k", "Enter"]) await page.keyboard.press(key);
        await page.getByRole("heading", { name: "lint" }).waitFor();
        expect(new URL(page.url()).pathname).toMatch(/builders[/]\d$/);
        await page.locator(".history tbody tr").first().waitFor();
        const slider = page.getByRole("slider");
        const value = async () => Number(await slider.getAttribute("aria-valuenow"));
        await slider.focus();
        const last = await value();
        await page.keyboard.press("Home");
        await expect.poll(value).toBeLessThan(last);
        const first = await value();
        await page.keyboard.press("ArrowRight");
        await expect.poll(value).toBeGreaterThan(first);
        await page.keyboard.press("Enter");
        await page.waitForURL(/builds[/]\d+$/);
    });

    test("a builder's history has all builds, page after page, and only failed ones where they are asked for", async () => {
        change(
            replay.database,
            // Another 130 builds before all others, of numbers below zero.
            Array.from({ length: 130 }, (_, index) => [
                "INSERT INTO builds (number, builderid, buildrequestid, workerid, masterid, started_at, complete_at," +
                    " locks_duration_s, state_string, results) SELECT ?, builderid, buildrequestid, workerid, masterid," +
                    " started_at, started_at + 60, 0, 'planted', ? FROM builds WHERE builderid = 4 AND number = 1",
                -index,
                index % 13 ? 0 : 2,
            ]),
        );
        await open("builders/lint");
        const oldest = page.getByRole("link", { name: "#-129", exact: true });
        const { meta } = await api.get("builders/4/builds", { limit: 1 });
        await expect
            .poll(async () => {
                await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
                return oldest.count();
            })
            .toBe(1);
        const shown = await page.locator(".history tbody tr").count();
        expect(shown).toBeGreaterThanOrEqual(Number(meta.total));
        await page.getByRole("button", { name: "Failed" }).click();
        await expect
            .poll(() => page.locator(".history .badge:not(.status-failure, .status-exception)").count())
            .toBe(0);
        await expect.poll(() => page.locator(".history .badge", { hasText: "planted" }).count()).toBe(10);
        expect(new URL(page.url()).search).toBe("?results=exception&results=failure");
    });

    test.each(["builders/-1", "workers/-1", "changes/-1"])(
        "%s is none, though the API has the last one there",
        async (address) => {
            await page.goto(address);
            await page.getByRole("heading", { name: "There is no such thing" }).waitFor();
        },
    );

    test("a builder that there is not is said not to be, with a way on", async () => {
        await page.goto("builders/no%2Fsuch");
        await page.getByRole("heading", { name: "There is no such thing" }).waitFor();
        await page.getByRole("link", { name: "All builders" }).click();
        await page.getByRole("heading", { name: /Builders$/ }).waitFor();
    });
});

describe.skipIf(!CHROMIUM || !HAS_SERVER)("what is broken", () => {
    let replay: Replay;
    let api: Api;

    site(async (keep) => {
        replay = await keep(Replay.played(20));
        await replay.attach();
        api = new Api(replay.base, fetch);
        return { api: replay.base };
    });

    /** What home has to say of each builder that is broken, the last one first. */
    async function told() {
        const { rows } = await api.get("builders", {
            expand: ["first_failed_build", "last_finished_build", "last_good_build"],
        });
        type Build = { number: number; complete_at: number; state_string: string } | null;
        return (rows as unknown as Record<string, Build>[])
            .flatMap(({ first_failed_build: first, last_finished_build: last, last_good_build: good }) => {
                if (!first || !last) return [];
                const to = last.number > first.number ? ` to #${last.number}` : "";
                const until = good ? `good until #${good.number}` : "never was good";
                return [
                    { at: first.complete_at, text: `since #${first.number}${to}: ${last.state_string} (${until})` },
                ];
            })
            .sort((a, b) => b.at - a.at)
            .map(({ text }) => text);
    }

    test("is on home, since when and by whom, and comes and goes there as builds end", async () => {
        await visit("", ".home-all li");
        const said = () => page.locator(".home-broken > li p:first-of-type").allTextContents();
        expect(await said()).toEqual(await told());
        for (const [id, results, text] of [
            [9001, 2, "failed of late"],
            [9002, 0, "build successful"],
        ] as const) {
            beginBuild(replay.database, id);
            await page.locator(".home-running > li", { hasText: `#${id}` }).waitFor();
            endBuild(replay.database, id, results, text);
            await expect.poll(async () => (await said()).join().includes("failed of late")).toBe(results === 2);
            expect(await said()).toEqual(await told());
            const count = (await said()).length;
            const words = count > 0 ? `✗ ${count} of 5 builders` : "✓ All 5 builders are fine";
            expect(await page.title()).toMatch(`${words} `);
        }
    });

    test("shows in the icon, also on pages that say nothing of it, as builds end", async () => {
        let counts = 0;
        page.on("request", (request) => (counts += Number(request.postData()?.includes("builds.results") ?? false)));
        change(replay.database, [["UPDATE builds SET results = 0 WHERE results IN (2, 4)"]]);
        await page.goto("pending");
        await expect.poll(() => page.title()).toMatch(/^✓ /);
        const icon = () => page.locator('link[rel="icon"]').getAttribute("href");
        const green = await icon();
        expect(green).toMatch(/^data:image[/]svg/);
        beginBuild(replay.database, 9003);
        endBuild(replay.database, 9003, 2, "failed");
        await expect.poll(() => page.title()).toMatch(/^✗ /);
        await expect.poll(icon).not.toBe(green);
        // Once, when the page was loaded: what came after that was told by events.
        expect(counts).toBe(1);
    });

    test("is on home with the beginning of a state that is very long, and all of it in its title", async () => {
        const text = "y".repeat(5000);
        beginBuild(replay.database, 9004);
        endBuild(replay.database, 9004, 2, text);
        await visit("", ".home-all li");
        const said = page.locator(".home-broken").getByTitle(text, { exact: true });
        await said.waitFor();
        expect(await said.textContent()).toBe(`${"y".repeat(200)}…`);
    });

    test("fits between others that are late, in a window of any width, with names in one piece", async () => {
        for (const id of [9005, 9006, 9007]) beginBuild(replay.database, id);
        const columns = "buildrequestid, workerid, masterid, started_at, complete_at, locks_duration_s, state_string";
        change(replay.database, [
            // As many as are shown.
            [
                `INSERT INTO builds (id, number, builderid, results, ${columns})` +
                    ` SELECT 8000 + id, 8000 + id, 1, 0, ${columns} FROM builds WHERE complete_at IS NOT NULL AND id < 8000`,
            ],
            ["UPDATE builders SET name = 'builder' || id"],
            [
                "UPDATE builds SET results = 0, complete_at = started_at + 60 WHERE id < 9000 AND complete_at IS NOT NULL",
            ],
            ["UPDATE builds SET started_at = started_at - 1000 WHERE id BETWEEN 9005 AND 9007"],
        ]);
        await visit("builders", ".builders tbody tr");
        await page.getByText(/^1\d m .*late/).waitFor();
        await page.getByText("and 2 more").waitFor();
        expect(await page.locator(".builders tr", { hasText: "builder1" }).locator(".results a").count()).toBe(20);
        const names = page.locator(".builders [data-line] bdi");
        for (let width = 320; width < 1500; width += 12) {
            await page.setViewportSize({ width, height: 800 });
            expect(await widthOf(page)).toBe(width);
            const pieces = await names.evaluateAll((all) => all.map((name) => name.getClientRects().length));
            expect(new Set(pieces), `in ${width} pixels`).toEqual(new Set([1]));
        }
    });
});
