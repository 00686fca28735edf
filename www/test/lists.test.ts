/** Workers, pending, changes, masters and listeners in a browser, over a real server on which builds happen. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { Api } from "../src/api/http";
import { CHROMIUM } from "./built";
import { change, faultsOf, widthOf } from "./pages";
import { HAS_SERVER, Replay } from "./replay";
import { asked, page, site, visit } from "./site";

const HOSTILE = `<img src=x onerror="window.hit=1">\u202egnol ${"x".repeat(300)}`;
const LISTENERS = `
from buildbot.status.listeners import Parked, StatusListener


class Mail(StatusListener):
    def buildFinished(self, build):
        if build.results == 2:
            raise Parked(${JSON.stringify(HOSTILE)})


c = BuildmasterConfig = {"status": [Mail("mail")]}
`;

describe.skipIf(!CHROMIUM || !HAS_SERVER)("lists", () => {
    let replay: Replay;
    let attached: Replay;
    let api: Api;

    site(async (keep) => {
        const folder = await mkdtemp(join(tmpdir(), "listeners-"));
        await keep({ close: () => rm(folder, { recursive: true }) });
        const config = join(folder, "listen.cfg");
        await writeFile(config, LISTENERS);
        replay = await keep(Replay.start("--forever", "--rate", "40"));
        // Beside the database, so that what listeners have is in another one.
        attached = await keep(Replay.beside(replay.database, "--config", config));
        api = new Api(attached.base, fetch);
        const parked = () => api.get("deliveries", { state: "parked" });
        await vi.waitFor(async () => expect((await parked()).rows).not.toEqual([]), 60_000);
        change(replay.database, [
            ["UPDATE changes SET author = ?, comments = ?, revlink = 'javascript:alert(1)'", HOSTILE, HOSTILE],
            ["UPDATE workers SET name = name || ?, info = json_object('host', ?)", HOSTILE, HOSTILE],
            ["UPDATE builders SET name = name || ? WHERE id = 3", HOSTILE],
            ["UPDATE buildsets SET reason = ?", HOSTILE],
            ["UPDATE schedulers SET name = name || ?", HOSTILE],
        ]);
        return { api: attached.base };
    });

    const open = (address: string) => visit(address, "main :is(li, dl, .empty)");

    describe.each(["workers", "workers/1", "pending", "changes", "changes/1", "masters", "listeners"])(
        "%s",
        (address) => {
            test("comes with one request for each database, and has no fault that axe finds, in either theme", async () => {
                await open(address);
                expect(asked).toHaveLength(address === "listeners" ? 2 : 1);
                expect(await faultsOf(page)).toEqual([]);
                await page.emulateMedia({ colorScheme: "dark" });
                expect(await faultsOf(page)).toEqual([]);
            });

            test("fits a phone, whatever things are called", async () => {
                await page.setViewportSize({ width: 390, height: 780 });
                await open(address);
                expect(await widthOf(page)).toBe(390);
                const hit = () =>
                    page.evaluate(() => "hit" in window || document.querySelector("main img, [href^=java]") !== null);
                expect(await hit()).toBe(false);
            });
        },
    );

    test("workers show each build that begins", async () => {
        await open("workers");
        const runs = () =>
            page.locator(".workers .running > a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
        const first = await runs();
        const isNew = (href: string | null) => !first.includes(href);
        await expect.poll(async () => (await runs()).some(isNew)).toBe(true);
        await page.keyboard.press("j");
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name: "Has built" }).waitFor();
    });

    test("a worker's page follows which builders it builds for", async () => {
        await open("workers/1");
        const builders = () => page.locator(".worker-builders a").count();
        const before = await builders();
        expect(before).toBeGreaterThan(0);
        const columns = "buildermasterid, workerid";
        change(replay.database, [
            ["CREATE TABLE kept AS SELECT * FROM configured_workers WHERE workerid = 1"],
            ["DELETE FROM configured_workers WHERE workerid = 1"],
        ]);
        await page.getByText("no builder", { exact: true }).waitFor();
        change(replay.database, [
            [`INSERT INTO configured_workers (${columns}) SELECT ${columns} FROM kept`],
            ["DROP TABLE kept"],
        ]);
        await expect.poll(builders).toBe(before);
    });

    test("a builder's page says when no worker is left that could build it", async () => {
        change(replay.database, [
            ["INSERT INTO builders (id, name, name_hash) VALUES (99, 'spare', 'spare')"],
            [
                "INSERT INTO builder_masters (id, builderid, masterid) SELECT 99, 99, masterid FROM connected_workers LIMIT 1",
            ],
            [
                "INSERT INTO configured_workers (buildermasterid, workerid)" +
                    " SELECT 99, workerid FROM connected_workers LIMIT 1",
            ],
        ]);
        await page.goto("builders/99");
        await page.getByText("Idle", { exact: true }).waitFor();
        change(replay.database, [["DELETE FROM configured_workers WHERE buildermasterid = 99"]]);
        await page.getByText("No worker is connected that could build it").waitFor();
        change(replay.database, [
            ["DELETE FROM builder_masters WHERE id = 99"],
            ["DELETE FROM builders WHERE id = 99"],
        ]);
    });

    test("pending shows each queue as it is, the highest priority first", async () => {
        change(replay.database, [
            [
                "INSERT INTO buildrequests (buildsetid, builderid, priority, complete, results, submitted_at, waited_for)" +
                    " SELECT max(id), 5, 77, 0, -1, 1, 0 FROM buildsets",
            ],
        ]);
        await open("pending");
        await page.getByText("priority 77").waitFor();
        const queue = page.locator(".queue", { hasText: "priority 77" }).locator("li");
        expect(await queue.first().textContent()).toContain("priority 77");
    });

    test("changes show what became of them, and one that comes stands first", async () => {
        await open("changes");
        const newest = () => page.locator(".changes [data-line]").first().getAttribute("href");
        const first = await newest();
        await expect.poll(newest).not.toBe(first);
        await expect.poll(() => page.locator(".changes .builds a").count()).toBeGreaterThan(0);
        expect(asked).toHaveLength(1);
    });

    test("listeners are looked at again, as nothing is announced of them", async () => {
        await open("listeners");
        const parked = async () =>
            Number(/(\d+) parked/.exec(await page.locator(".listeners").first().innerText())?.[1]);
        await expect.poll(parked).toBeGreaterThan(0);
        const first = await parked();
        await expect.poll(parked).toBeGreaterThan(first);
        await page.locator("summary").first().click();
        expect(await page.locator("details[open] pre").innerText()).toContain("<img src=x");
    });

    test.each(["workers/none", "changes/999999"])("%s is said not to be, with a way on", async (address) => {
        await page.goto(address);
        await page.getByRole("heading", { name: "There is no such thing" }).waitFor();
        await page.getByRole("link", { name: /^All (workers|changes)$/ }).click();
        await page.getByRole("heading", { name: /^(Workers|Changes)$/ }).waitFor();
    });

    test("about says what serves the pages, how it learns of news, and what all of it is made of", async () => {
        await open("about");
        const of = (name: string) => page.locator(`dt:text-is("${name}") + dd`);
        await expect
            .poll(() => of("Server").textContent())
            .toMatch(/^buildbot-status \d[.\d]+, over an SQLite database$/);
        const events = async () => {
            const [, newest = ""] = /event is number ([\d,]+)\./.exec((await of("Events").textContent()) ?? "") ?? [];
            return Number(newest.replaceAll(",", ""));
        };
        expect(await of("Events").textContent()).toContain(
            "The server looks for what is new in the database every 0.4 seconds.",
        );
        const before = await events();
        expect(before).toBeGreaterThan(0);
        await expect.poll(events).toBeGreaterThan(before);
        expect(await of("Buildbot").textContent()).toContain("replay-one");
        expect(await of("Pages").getByRole("link").count()).toBeGreaterThan(8);
        expect(await of("Added to them").textContent()).toBe("nothing");
        for (const link of await of("For programs").getByRole("link").all()) {
            const path = await link.getAttribute("href");
            expect((await fetch(new URL(String(path), attached.base))).status).toBe(200);
        }
        await page.getByText("@preact/signals-core").click();
        await page.getByText("2022-present Preact Team").last().waitFor();
        expect(await faultsOf(page)).toEqual([]);
        await page.setViewportSize({ width: 390, height: 780 });
        expect(await widthOf(page)).toBe(390);
    });

    test("where the last master stops, pages say so, and show how things were left", async () => {
        await page.goto("builders");
        const builders = page.locator(".builders tbody tr");
        await builders.first().waitFor();
        const before = await builders.count();
        expect(before).toBeGreaterThan(1);
        const strip = page.getByText("No master has run since");
        expect(await strip.count()).toBe(0);
        await open("workers/1");
        await page.locator(".worker-builders a").first().waitFor();
        await replay.halt();
        // What a master does when it stops.
        change(replay.database, [
            ["UPDATE masters SET active = 0"],
            ["DELETE FROM builder_masters"],
            ["DELETE FROM connected_workers"],
            ["DELETE FROM configured_workers"],
        ]);
        await strip.waitFor();
        await page.getByText("nobody knows while no master runs").waitFor();
        await page.goto("builders");
        await strip.waitFor();
        await expect.poll(() => builders.count()).toBe(before);
        await page.goto("./");
        await strip.waitFor();
        await expect.poll(() => page.locator(".home-all li").count()).toBe(before);
        expect(await faultsOf(page, "body")).toEqual([]);
        await open("workers");
        expect(await page.getByText("no master knows it").count()).toBe(0);
        await page.goto("waterfall");
        await page.locator(".head").first().waitFor();
        expect(await page.getByText("not configured").count()).toBe(0);
    });
});
