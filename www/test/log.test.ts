/** The page of a log in Chromium and in Firefox, over a real server: logs of any size, that grow, that hold anything. */
import { afterEach, describe, expect, test } from "vitest";
import { Api, type Fields } from "../src/api/http";
import { CHROMIUM, serve, type Served } from "./built";
import { Firefox, FIREFOX } from "./firefox";
import { appendLines, writeLog } from "./logs";
import { change, faultsOf, widthOf } from "./pages";
import { HAS_SERVER, Replay } from "./replay";
import { asked, beginning, page, site, tolerate, visit } from "./site";

/** Some 100 MB, whose first error is far down. */
const BIG = {
    name: "big",
    lines: 1_000_000,
    text: `o[{}] ${"compiling something rather long ".repeat(3)}`,
    others: { 700_000: "eerror: it broke" },
};

const ODD = {
    name: `<img src=x onerror="window.hit=1">\u202egnol`,
    lines: [
        "hmake all",
        "o##[group]Install <b>it</b>",
        "oone",
        "otwo",
        "o##[endgroup]",
        `o<img src=x onerror="window.hit=1">&amp;`,
        `o${"0123456789".repeat(15_000)}`,
        "e\u202ertl \u05d0\u05d1\u05d2 abc",
        "o--- Section",
        "oin it",
        "o+++ Other",
        "o10%\r20%\r30%",
        "oa\tb\x00c\x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07",
        "o\x1b[31mred\x1b[0m \x1b[1;94;103mbold\x1b[0m \x1b[38;5;208morange\x1b[0m \x1b[38;2;1;2;3;48;2;250;251;252mtrue\x1b[0m",
        "elast",
    ],
};

describe.skipIf(!HAS_SERVER || !(CHROMIUM ?? FIREFOX))("the page of a log", () => {
    let replay: Replay;
    let stepid: number;
    let folder: string;
    let big: string;
    let odd: string;

    beginning(async (keep) => {
        replay = await keep(Replay.played(15, "--seed", "3"));
        await replay.attach();
        const failed = { results: 2, expand: "build", order: "-stepid", limit: 1 };
        const [step] = (await new Api(replay.base, fetch).get("steps", failed)).rows;
        const { builderid, number } = step?.["build"] as Fields;
        stepid = Number(step?.["stepid"]);
        folder = `builders/${Number(builderid)}/builds/${Number(number)}/steps/${Number(step?.["number"])}/logs`;
        big = `${folder}/log${writeLog(replay.database, { stepid, ...BIG })}`;
        odd = `${folder}/log${writeLog(replay.database, { stepid, ...ODD })}`;
    });

    describe.skipIf(!CHROMIUM)("in Chromium", () => {
        site(() => Promise.resolve({ api: replay.base }));

        const open = (address: string) => visit(address, ".log-lines .text");
        const numbers = () => page.locator(".log-lines .number").allTextContents();
        const texts = () => page.locator(".log-lines .text").allTextContents();
        const seen = async () => (await numbers()).map(Number);

        test("of a million lines has head and tail with the first request", async () => {
            // Nobody looks for an error in what went well.
            await open(`${big}#L1`);
            expect((await seen())[0]).toBe(1);
            await page.keyboard.press("t");
            await expect.poll(async () => (await seen()).at(-1)).toBe(1_000_000);
            expect((await texts()).at(-1)).toContain("[999999] compiling");
            expect(asked).toEqual(["batch"]);
            expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(700);
        });

        test("goes to the first error when the server has found it", async () => {
            await open(big);
            const current = page.locator(".log-lines .current");
            await current.waitFor();
            expect(await current.textContent()).toBe("700001error: it broke");
            expect(await current.getAttribute("class")).toContain("errors");
        });

        test("is scrolled line by line, and by the bar to any part", async () => {
            await open(`${big}#L1`);
            const lines = page.locator(".log-lines");
            await lines.evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
            await expect.poll(async () => (await seen())[0]).toBeGreaterThan(499_000);
            expect((await seen())[0]).toBeLessThan(501_000);
            await expect.poll(async () => (await texts()).length).toBe((await seen()).length);
            const [first = 0] = await seen();
            await lines.hover();
            await page.mouse.wheel(0, 200);
            await expect.poll(async () => ((await seen())[0] ?? 0) - first).toBe(10);
            // All of it in order, without a gap.
            const all = await seen();
            expect(all).toEqual(all.map((_, at) => (all[0] ?? 0) + at));
            await lines.focus();
            await page.keyboard.press("Home");
            await expect.poll(async () => (await seen())[0]).toBe(1);
            await page.keyboard.press("End");
            await expect.poll(async () => (await seen()).at(-1)).toBe(1_000_000);
        });

        test("finds a text anywhere in it", async () => {
            await open(`${big}#L1`);
            await page.keyboard.press("f");
            await page.keyboard.type("[12345]");
            await page.keyboard.press("Enter");
            await expect.poll(() => page.locator(".log-lines .current mark").textContent()).toBe("[12345]");
            await expect.poll(() => page.locator(".log-find [role=status]").textContent()).toBe("1 of 1 line");
        });

        test("shows whatever stands in it as text, in its colours", async () => {
            await open(`${odd}#L1`);
            expect(await page.locator("main :is(img, b)").count()).toBe(0);
            expect(await page.evaluate(() => "hit" in window)).toBe(false);
            const all = await texts();
            expect(all[5]).toBe(`<img src=x onerror="window.hit=1">&amp;`);
            expect(all[7]).toBe("U+202Ertl \u05d0\u05d1\u05d2 abc");
            expect(all[11]).toBe("^M30%");
            expect(all[12]).toBe("a\tb^@clink");
            const colours = await page
                .locator(".log-lines .line")
                .nth(13)
                .locator(".text span")
                .evaluateAll((spans) =>
                    spans.map((span) => [
                        span.textContent,
                        getComputedStyle(span).color,
                        getComputedStyle(span).backgroundColor,
                    ]),
                );
            expect(colours[2]).toEqual(["orange", "rgb(255, 135, 0)", "rgba(0, 0, 0, 0)"]);
            expect(colours[3]).toEqual(["true", "rgb(1, 2, 3)", "rgb(250, 251, 252)"]);
            expect(await page.locator(".log-lines .line.header").count()).toBe(1);
            expect(await page.locator(".log-lines .line.errors").count()).toBe(2);
        });

        test("shows all of a line that is too long", async () => {
            await open(`${odd}#L1`);
            await page.getByRole("button", { name: "all 150,000 characters" }).click();
            const whole = page.getByRole("dialog").locator("pre");
            await expect.poll(async () => (await whole.textContent())?.length).toBe(100_000);
            await page.getByRole("button", { name: "50,000 characters more" }).click();
            await expect.poll(async () => (await whole.textContent())?.length).toBe(150_000);
            await page.keyboard.press("Escape");
            await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
        });

        test("folds groups away", async () => {
            await open(`${odd}#L1`);
            const group = page.getByRole("button", { name: "Install <b>it</b>" });
            await group.click();
            await expect.poll(async () => (await seen()).slice(0, 4)).toEqual([1, 2, 6, 7]);
            expect(await group.getAttribute("aria-expanded")).toBe("false");
            await page.getByRole("button", { name: "Section" }).click();
            await expect.poll(async () => (await seen()).slice(4, 7)).toEqual([8, 9, 11]);
            await page.getByRole("button", { name: "Other" }).click();
            await expect.poll(seen).toEqual([1, 2, 6, 7, 8, 9, 11]);
            await group.click();
            await expect.poll(async () => (await seen()).slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
        });

        test("has links to lines and to several", async () => {
            await open(`${big}#L500-L510`);
            await expect.poll(async () => page.locator(".log-lines .selected").count()).toBe(11);
            await page.getByRole("link", { name: "Line 505", exact: true }).click();
            await page.waitForURL(/#L505$/);
            await page.getByRole("link", { name: "Line 507", exact: true }).click({ modifiers: ["Shift"] });
            await page.waitForURL(/#L505-L507$/);
            await expect.poll(async () => page.locator(".log-lines .selected").count()).toBe(3);
            await page.goto(`${page.url().split("#")[0] ?? ""}#L900000`);
            await page.locator(".log-lines .selected").getByText("[899999]").waitFor();
        });

        test("says of a line that it has not that there is none", async () => {
            const none = page.getByText("there is no such line");
            await open(`${odd}#L3`);
            expect(await none.count()).toBe(0);
            for (const wrong of ["#L99999", "#L0", "#Lxyz"]) {
                await page.goto("about:blank");
                await open(`${odd}${wrong}`);
                await none.waitFor();
            }
        });

        test("follows what is written, until somebody looks elsewhere", async () => {
            const lines = Array.from({ length: 200 }, (_, at) => `oline ${at}`);
            const logid = writeLog(replay.database, { stepid, name: "grows", complete: false, lines });
            await open(`${folder}/log${logid}`);
            await page.getByText("being written").waitFor();
            await expect.poll(async () => (await texts()).at(-1)).toBe("line 199");
            const before = asked.length;
            appendLines(replay.database, logid, ["oline 200", "e\x1b[31mline 201"]);
            await expect.poll(async () => (await texts()).at(-1)).toBe("line 201");
            expect(asked.length).toBe(before);
            await page.locator(".log-lines").hover();
            const [first = 0] = await seen();
            await page.mouse.wheel(0, -1000);
            await expect.poll(async () => first - ((await seen())[0] ?? 0)).toBe(50);
            const place = await seen();
            appendLines(replay.database, logid, ["oline 202"], true);
            await expect.poll(() => page.getByText("being written").count()).toBe(0);
            expect(await seen()).toEqual(place);
            await page.keyboard.press("t");
            await expect.poll(async () => (await texts()).at(-1)).toBe("line 202");
        });

        test("that is HTML is told to be, with a way to it, and stands as it is", async () => {
            const lines = ['<img src=x onerror="window.hit=1"><script>window.hit=1</script>', "<h1>Coverage</h1>"];
            const html = writeLog(replay.database, { stepid, name: "html", type: "h", lines });
            await open(`${folder}/log${html}#L1`);
            expect(await texts()).toEqual(lines);
            await page.getByText("This log is HTML").waitFor();
            const link = page.getByRole("link", { name: "Download it" });
            expect([await link.getAttribute("href"), await link.getAttribute("download")]).toEqual([
                `api/v2/logs/${html}/raw`,
                "",
            ]);
            expect(await page.evaluate(() => "hit" in window)).toBe(false);
        });

        test("of which nothing is left, or was written, says so", async () => {
            const deleted = writeLog(replay.database, { stepid, name: "deleted", type: "d", lines: ["x"] });
            change(replay.database, [["DELETE FROM logchunks WHERE logid = ?", deleted]]);
            await page.goto(`${folder}/log${deleted}`);
            await page.getByText("The text of this log was deleted").waitFor();
            const empty = writeLog(replay.database, { stepid, name: "empty", lines: [] });
            await page.goto(`${folder}/log${empty}`);
            await page.getByText("This log is empty").waitFor();
            // The browser itself says that one was not found.
            tolerate(/404/);
            await page.goto(`${folder}/missing`);
            await page.getByRole("alert").getByText("has no log missing").waitFor();
            await page.getByRole("alert").getByRole("link", { name: "empty" }).click();
            await page.getByText("This log is empty").waitFor();
        });

        test.each(["light", "dark"] as const)("has no fault that axe finds, %s", async (colorScheme) => {
            await page.emulateMedia({ colorScheme });
            await open(`${odd}#L3`);
            // Colours that programs choose by their numbers may be any.
            await page.locator(".line", { hasText: "orange" }).evaluate((line) => line.remove());
            expect(await faultsOf(page)).toEqual([]);
        });

        test("fits a phone", async () => {
            await page.setViewportSize({ width: 390, height: 780 });
            await open(`${odd}#L1`);
            expect(await widthOf(page)).toBe(390);
            const { height } = (await page.locator(".log-lines").boundingBox()) ?? { height: 0 };
            expect(height).toBeGreaterThan(350);
        });

        test("ends above the bar of a phone whose window is low", async () => {
            await page.setViewportSize({ width: 390, height: 400 });
            await open(`${odd}#L1`);
            const edgeOf = (selector: string, edge: "top" | "bottom") =>
                page.locator(selector).evaluate((element, edge) => element.getBoundingClientRect()[edge], edge);
            expect(await edgeOf(".log-lines", "bottom")).toBeLessThanOrEqual(await edgeOf(".bar nav", "top"));
        });
    });

    describe.skipIf(!FIREFOX)("in Firefox", () => {
        let firefox: Firefox;

        let served: Served;

        beginning(async (keep) => {
            [served, firefox] = await Promise.all([keep(serve({ api: replay.base })), keep(Firefox.launch())]);
            await firefox.resize(1280, 800);
        });
        afterEach(() => expect(firefox.complaints.splice(0)).toEqual([]));

        const all = (what: string) =>
            firefox.evaluate<string[]>(
                `[...document.querySelectorAll(".log-lines ${what}")].map((each) => each.textContent)`,
            );
        const seen = async () => (await all(".number")).map(Number);

        async function open(address: string) {
            // Another place on the same page would not be loaded.
            await firefox.goto(new URL("about", served.base));
            await firefox.goto(new URL(address, served.base));
            await expect.poll(async () => (await all(".text")).length).toBeGreaterThan(0);
        }

        test("a million lines are scrolled from one end to the other", async () => {
            await open(`${big}#L1`);
            const height = await firefox.evaluate<number>(`document.querySelector(".log-lines").scrollHeight`);
            expect(height).toBe(8_000_000);
            await firefox.press("t");
            await expect.poll(async () => (await seen()).at(-1)).toBe(1_000_000);
            await firefox.evaluate(`document.querySelector(".log-lines").scrollTop = 4_000_000`);
            await expect.poll(async () => Math.abs(((await seen())[0] ?? 0) - 500_000)).toBeLessThan(1_000);
            await expect.poll(async () => (await all(".text")).length).toBe((await seen()).length);
            const [first = 0] = await seen();
            await firefox.wheel(200, { x: 600, y: 500 });
            await expect.poll(async () => (await seen())[0]).toBeGreaterThan(first);
            expect((await seen())[0]).toBeLessThan(first + 60);
            await firefox.press("h");
            await expect.poll(async () => (await seen())[0]).toBe(1);
        });

        test("the first error is gone to", async () => {
            await open(big);
            await expect.poll(() => all(".current")).toEqual(["700001error: it broke"]);
        });

        test("whatever stands in it is text, and groups fold", async () => {
            await open(`${odd}#L1`);
            const texts = await all(".text");
            expect(texts[5]).toBe(`<img src=x onerror="window.hit=1">&amp;`);
            expect(texts[7]).toBe("U+202Ertl \u05d0\u05d1\u05d2 abc");
            expect(await firefox.evaluate(`"hit" in window`)).toBe(false);
            const place = await firefox.evaluate<{ x: number; y: number }>(
                `document.querySelector(".log-lines .group").getBoundingClientRect()`,
            );
            await firefox.click({ x: place.x + 30, y: place.y + 10 });
            await expect.poll(async () => (await seen()).slice(0, 4)).toEqual([1, 2, 6, 7]);
        });

        test("it is followed", async () => {
            const logid = writeLog(replay.database, { stepid, name: "grows too", complete: false, lines: ["oone"] });
            await open(`${folder}/log${logid}`);
            appendLines(replay.database, logid, ["otwo"], true);
            await expect.poll(() => all(".text")).toEqual(["one", "two"]);
        });
    });
});
