/** Test results in a browser: of a builder by build, of one test, of a build; over a real server on a database that is written. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { CHROMIUM } from "./built";
import { change, faultsOf, PYTHON, widthOf } from "./pages";
import { HAS_SERVER, Replay } from "./replay";
import { asked, page, site, visit } from "./site";

const HOSTILE = `<img src=x onerror="window.hit=1">\u202egnol ${"x".repeat(5000)}`;
const NAMES = ["walk.empty", "walk.flaky", "walk.broken", "walk.mended", "walk.gone", "walk.speed", HOSTILE];
const [EMPTY, FLAKY, BROKEN, MENDED, GONE, SPEED, HOSTILE_ID] = [1001, 1002, 1003, 1004, 1005, 1006, 1007];
const BUILDS = 70;
/** The last of these builds has so many tests. */
const MANY = 5_000;
const HOUR = 3600;

type Statement = readonly [sql: string, ...values: unknown[]];

/** A build of builder 50, with sets of results: what failed, and what passed. */
function built(number: number, sets: readonly Statement[]): Statement[] {
    const [id, at] = [7000 + number, 1_790_000_000 + number * HOUR];
    // Two builds of each revision follow each other.
    const stamp = 7000 + Math.floor(number / 2);
    return [
        [
            "INSERT OR IGNORE INTO sourcestamps (id, ss_hash, branch, revision, repository, codebase, project, created_at)" +
                " VALUES (?, ?, 'main', ?, '', '', '', ?)",
            stamp,
            `hash${stamp}`,
            createHash("sha1").update(`${stamp}`).digest("hex"),
            at,
        ],
        ["INSERT INTO buildsets (id, reason, submitted_at, complete, results) VALUES (?, 'r', ?, 1, 0)", id, at],
        ["INSERT INTO buildset_sourcestamps (buildsetid, sourcestampid) VALUES (?, ?)", id, stamp],
        [
            "INSERT INTO buildrequests (id, buildsetid, builderid, priority, complete, results, submitted_at, waited_for)" +
                " VALUES (?, ?, 50, 0, 1, 0, ?, 0)",
            id,
            id,
            at,
        ],
        [
            "INSERT INTO builds (id, number, builderid, buildrequestid, workerid, masterid, started_at, complete_at, results," +
                " locks_duration_s, state_string) VALUES (?, ?, 50, ?, 1, 1, ?, ?, 2, 0, 'failed tests')",
            id,
            number,
            id,
            at,
            at + 60,
        ],
        [
            "INSERT INTO steps (id, number, name, buildid, started_at, complete_at, state_string, results, urls_json, hidden)" +
                " VALUES (?, 0, 'test', ?, ?, ?, 's', 2, '[]', 0)",
            id,
            id,
            at,
            at + 60,
        ],
        ...sets,
    ];
}

function set(id: number, build: number, category: string, unit: string, results: readonly [number, string][]) {
    const failed = results.filter(([, value]) => value === "0").length;
    const counts = category === "pass_fail" ? [results.length - failed, failed] : [null, null];
    return [
        [
            "INSERT INTO test_result_sets (id, builderid, buildid, stepid, description, category, value_unit, tests_passed," +
                " tests_failed, complete) VALUES (?, 50, ?, ?, ?, ?, ?, ?, ?, 1)",
            id,
            7000 + build,
            7000 + build,
            category,
            category,
            unit,
            ...counts,
        ],
        ...results.map(([name, value]): Statement => [
            "INSERT INTO test_results (builderid, test_result_setid, test_nameid, duration_ns, value) VALUES (50, ?, ?, ?, ?)",
            id,
            name,
            (name - 1000) * 1_000_000,
            value,
        ]),
    ] as readonly Statement[];
}

function results(number: number): readonly Statement[] {
    if (number === 60) return [];
    const outcome = (id: number) => {
        if (id === BROKEN) return number > 67;
        if (id === MENDED) return number < BUILDS && number > 65;
        if (id === FLAKY) return number % 2 === 1;
        return id === HOSTILE_ID && number > 65;
    };
    const there = [EMPTY, FLAKY, BROKEN, MENDED, HOSTILE_ID, ...(number < 65 ? [GONE] : [])] as number[];
    return [
        ...set(
            10 * number,
            number,
            "pass_fail",
            "boolean",
            there.map((id) => [id, outcome(id) ? "0" : "1"]),
        ),
        ...(number % 5 ? [] : set(10 * number + 1, number, "performance", "ns", [[SPEED, "17"]])),
    ];
}

const PAGES = {
    history: "builders/suite/tests",
    all: "builders/50/tests?show=all",
    test: `builders/50/tests?${new URLSearchParams({ test: HOSTILE }).toString()}`,
    build: `builders/50/builds/${BUILDS}/tests`,
    many: `builders/50/builds/${BUILDS + 1}/tests`,
    none: "builders/51/tests",
};

describe.skipIf(!CHROMIUM || !HAS_SERVER)("pages of tests", () => {
    let replay: Replay;

    site(async (keep) => {
        replay = await keep(Replay.played(1));
        const hash = (name: string) => createHash("sha1").update(name).digest("hex");
        change(replay.database, [
            ["INSERT INTO builders (id, name, name_hash) VALUES (50, 'suite', ?)", hash("suite")],
            ["INSERT INTO builders (id, name, name_hash) VALUES (51, 'never', ?)", hash("never")],
            ...NAMES.map((name, at): Statement => [
                "INSERT INTO test_names (id, builderid, name) VALUES (?, 50, ?)",
                1001 + at,
                name,
            ]),
        ]);
        // What a program can be given at once is limited.
        for (let from = 1; from <= BUILDS; from += 10) {
            const numbers = Array.from({ length: 10 }, (_, at) => from + at);
            change(
                replay.database,
                numbers.flatMap((number) => built(number, results(number))),
            );
        }
        change(replay.database, [
            ...built(BUILDS + 1, set(9000, BUILDS + 1, "pass_fail", "boolean", [])),
            [
                `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${MANY})` +
                    " INSERT INTO test_names (id, builderid, name) SELECT 2000 + n, 50, 'zz.many' || n FROM c",
            ],
            [
                "INSERT INTO test_results (builderid, test_result_setid, test_nameid, duration_ns, value)" +
                    " SELECT 50, 9000, id, (id % 997) * 1000000, id % 10 > 0 FROM test_names WHERE id > 2000",
            ],
            // Thirty builds, of which all is too much for one answer.
            ["INSERT INTO builders (id, name, name_hash) VALUES (52, 'crowded', ?)", hash("crowded")],
            [
                "INSERT INTO builds (id, number, builderid, buildrequestid, workerid, masterid, started_at, complete_at, results," +
                    " locks_duration_s, state_string) SELECT id + 1000, number, 52, buildrequestid, 1, 1, started_at," +
                    " complete_at, 2, 0, 's' FROM builds WHERE builderid = 50 AND number <= 30",
            ],
            [
                "INSERT INTO test_result_sets (id, builderid, buildid, stepid, description, category, value_unit, tests_passed," +
                    " tests_failed, complete) SELECT 20000 + 10 * number + value, 52, builds.id, 7001, 'part ' || value," +
                    " 'pass_fail', 'boolean', 0, 50, 1 FROM builds, json_each('[1,2,3,4,5]') WHERE builderid = 52",
            ],
            [
                "INSERT INTO test_results (builderid, test_result_setid, test_nameid, value)" +
                    " SELECT 52, s.id, n.id, '0' FROM test_result_sets s, test_names n" +
                    " WHERE s.builderid = 52 AND n.id > 2000 AND n.id <= 2050",
            ],
            [
                `UPDATE test_result_sets SET tests_failed = ${MANY / 10}, tests_passed = ${(MANY / 10) * 9} WHERE id = 9000`,
            ],
        ]);
        // As who has many results is advised to.
        const attach = ["attach", "--db", `sqlite:///${replay.database}`];
        const indexes = execFileSync(join(dirname(PYTHON), "buildbot"), [...attach, "--print-indexes"]);
        change(replay.database, indexes.toString());
        await replay.attach();
        return { api: replay.base };
    });

    const open = (address: string) => visit(address, "main :is(.matrix, .lines, .empty, .problem)");

    /** Of a row of the table: what became of the test in the builds that are drawn, the newest first. */
    const outcomes = (name: string) =>
        page
            .locator(".matrix-row", { hasText: name })
            .locator(".cell")
            .evaluateAll((cells) => cells.map((cell) => cell.getAttribute("aria-label")?.replace(/ [(].*/, "")));
    const rows = () => page.locator(".matrix-row .test-head bdi").allTextContents();

    describe.each(Object.entries(PAGES))("%s", (name, address) => {
        test("comes with one request, after which it is asked what passed; axe finds no fault in either theme", async () => {
            await open(address);
            // Of tests that have results, and are in a table.
            const more = name === "history" || name === "all" ? 1 : 0;
            await expect.poll(() => asked).toEqual(Array(1 + more).fill("batch"));
            expect(await faultsOf(page)).toEqual([]);
            await page.emulateMedia({ colorScheme: "dark" });
            expect(await faultsOf(page)).toEqual([]);
        });

        test("fits a phone, whatever tests are called", async () => {
            await page.setViewportSize({ width: 390, height: 780 });
            await open(address);
            expect(await widthOf(page)).toBe(390);
            const hit = () => page.evaluate(() => "hit" in window || document.querySelector("main img") !== null);
            expect(await hit()).toBe(false);
        });
    });

    test("what failed last comes first, and it is told where it passed, and where it was not run", async () => {
        await open(`${PAGES.history}?text=walk`);
        await expect.poll(rows).toEqual(["walk.broken", "walk.flaky", "walk.mended"]);
        const said = ["failed in #70", "failed in #69", "failed in #68", "passed in #67", "passed in #66"];
        await expect
            .poll(async () => (await outcomes("walk.broken")).slice(0, 5))
            .toEqual(said.map((each) => `walk.broken ${each}`));
        const drawn = await outcomes("walk.broken");
        expect(drawn).toContain("walk.broken passed in #61");
        expect(drawn).not.toContain("walk.broken passed in #60");
        const flaky = page.locator(".matrix-row", { hasText: "walk.flaky" }).locator(".tag");
        expect(await flaky.getAttribute("title")).toBe("It failed and passed with the same revision");
        expect(await page.locator(".matrix-row", { hasText: "walk.mended" }).locator(".tag").count()).toBe(0);
        await page.getByLabel("Order").selectOption("flaky");
        await expect.poll(async () => (await rows())[0]).toBe("walk.flaky");
    });

    test("all tests are there by name, also those that are measured, and are looked for by the server", async () => {
        await open(PAGES.all);
        await page.keyboard.press("/");
        await page.keyboard.type("walk.");
        await expect.poll(rows).toEqual(NAMES.filter((name) => name.startsWith("walk")).sort());
        await expect.poll(() => new URL(page.url()).search).toBe("?text=walk.&show=all");
        await expect.poll(async () => (await outcomes("walk.speed"))[0]).toBe("walk.speed was measured in #70");
        await expect.poll(async () => (await outcomes("walk.gone"))[0]).toBe("walk.gone passed in #64");
        await page.getByRole("searchbox").fill("many4999");
        await expect.poll(rows).toEqual(["zz.many4999"]);
    });

    test("older builds follow where one goes to them, without end", async () => {
        await open(`${PAGES.history}?text=walk.flaky`);
        const heads = () => page.locator(".filters [role=status]").textContent();
        await expect.poll(heads).toBe("1 test · 30 builds");
        await page.getByRole("button", { name: "Older builds" }).click();
        await expect.poll(heads).toMatch(/1 test · (4|5|6)\d builds/);
        const toEnd = () => page.locator(".matrix").evaluate((matrix) => matrix.scrollTo(matrix.scrollWidth, 0));
        await expect
            .poll(async () => {
                await toEnd();
                return heads();
            })
            .toBe(`1 test · ${BUILDS + 1} builds`);
        await expect
            .poll(async () => {
                await toEnd();
                return (await outcomes("walk.flaky")).at(-1);
            })
            .toBe("walk.flaky failed in #1");
        await page.getByRole("button", { name: "Older builds" }).waitFor({ state: "detached" });
    });

    test("keys go from cell to cell, to what one shows, and to one test", async () => {
        await open(`${PAGES.history}?text=walk`);
        await expect.poll(() => outcomes("walk.broken")).toContain("walk.broken passed in #67");
        await page.locator(".cell[tabindex='0']").focus();
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("ArrowRight");
        const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
        await expect.poll(focused).toMatch(/^walk.flaky failed in #69 [(][0-9a-f]{10}[)]$/);
        await expect.poll(() => page.locator(".readout").textContent()).toBe(await focused());
        await page.keyboard.press("Enter");
        await page.waitForURL(/builds[/]69[/]tests[?]text=walk.flaky$/);
        await page.goBack();
        await page.getByRole("link", { name: "walk.broken", exact: true }).press("Enter");
        await page.getByRole("heading", { name: "walk.broken" }).waitFor();
    });

    test("one test says since when it fails and between which revisions, and each run leads to its build", async () => {
        await open("builders/50/tests?test=walk.broken");
        const said = await page.locator(".one-test dl").innerText();
        expect(said).toMatch(/Fails since\n#68 [0-9a-f]{10} /);
        expect(said).toMatch(/Passed last in\n#67 [0-9a-f]{10} /);
        expect(said).toMatch(/So broken by\nwhat came after [0-9a-f]{10}, up to [0-9a-f]{10}: the changes of #68/);
        expect(said).toMatch(/failed in 3 of 69 runs/);
        const bar = page.locator(".runs-drawn a[tabindex='0']");
        expect(await bar.getAttribute("aria-label")).toMatch(/^#70, failed, 3.0 ms, [0-9a-f]{10}$/);
        await bar.focus();
        await page.keyboard.press("ArrowLeft");
        await page.locator(".runs-drawn a:focus[aria-label^='#69']").waitFor();
        await page.keyboard.press("Enter");
        await page.waitForURL(/builds[/]69$/);
    });

    test("a build says what fails newly and what does no longer", async () => {
        await open(PAGES.build);
        expect(await page.locator(".test-set > p").first().innerText()).toMatch(
            /^2 failed, 3 passed · 2 that failed in #69 no longer do/,
        );
        await open(`builders/50/builds/68/tests`);
        const marked = page.locator(".failing li", { has: page.locator(".note") });
        expect(await marked.locator("bdi").first().textContent()).toBe("walk.broken");
        expect(await marked.count()).toBe(1);
    });

    test("a build with thousands of results sends those that are seen", async () => {
        const [response] = await Promise.all([page.waitForResponse(/batch/), open(PAGES.many)]);
        expect((await response.body()).length).toBeLessThan(100_000);
        const all = page.locator(".all-results li");
        await expect.poll(() => all.count()).toBeGreaterThanOrEqual(100);
        await expect.poll(() => page.locator(".failing li").count()).toBe(25);
        await page.getByLabel("Order").selectOption("duration");
        await expect.poll(() => all.first().innerText()).toContain("996 ms");
        await page.getByRole("searchbox").fill("many321");
        await expect
            .poll(async () => (await all.allTextContents()).every((text) => text.includes("many321")))
            .toBe(true);
        await page.reload();
        await expect.poll(() => all.first().innerText()).toContain("many321");
        await open(`${PAGES.many}?set=9000&only=failed`);
        await expect
            .poll(async () => {
                await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
                return all.count();
            })
            .toBe(MANY / 10);
    });

    test("of a builder that has more failures than fit into one answer some are shown, and it is said so", async () => {
        await open("builders/52/tests");
        await expect.poll(async () => (await rows()).length).toBe(9);
        await page.getByText("Not all failures of builds with very many are here, such as of #30").waitFor();
        await page.getByRole("button", { name: "All", exact: true }).click();
        await page.getByText("There are no tests").waitFor();
    });

    test("results of a build that ends come in by themselves", async () => {
        await open(`${PAGES.history}?text=walk`);
        await expect.poll(() => outcomes("walk.broken")).toContain("walk.broken passed in #67");
        change(replay.database, [
            ...built(BUILDS + 2, []),
            ...set(9001, BUILDS + 2, "pass_fail", "boolean", [
                [EMPTY, "0"],
                [BROKEN, "1"],
            ]),
        ]);
        await expect.poll(async () => (await rows())[0]).toBe("walk.empty");
        await expect.poll(async () => (await outcomes("walk.empty"))[0]).toBe("walk.empty failed in #72");
        await expect.poll(async () => (await outcomes("walk.broken"))[0]).toBe("walk.broken passed in #72");
    });

    test("where there are none, it is said how there would be; what does not exist is said not to", async () => {
        await open(PAGES.none);
        await page.getByText("There are no test results of this builder").waitFor();
        await open("builders/no%2Fsuch/tests");
        await page.getByRole("link", { name: "All builders" }).waitFor();
        await open("builders/50/tests?test=no.such");
        await page.getByText("There is no result of it").waitFor();
        await open("builders/50/builds/x/tests");
        await page.getByRole("heading", { name: "No such build" }).waitFor();
    });

    test("of an order that there is not it is said which there are, each once", async () => {
        await open(`${PAGES.history}?sort=foo`);
        await page.getByText("sort may be recent, often, flaky or name").waitFor();
    });

    test("a builder, a build and the palette lead to tests", async () => {
        await page.goto("builders/50");
        await page.getByRole("link", { name: "Tests", exact: true }).click();
        await page.getByRole("heading", { name: "Tests of suite" }).waitFor();
        await page.goto("builders/50/builds/70");
        await page.getByRole("link", { name: "walk.broken" }).click();
        await page.getByRole("heading", { name: "walk.broken" }).waitFor();
        await page.keyboard.press("Control+k");
        await page.keyboard.type("tests suite");
        await page.getByRole("option", { name: "Tests of suite" }).waitFor();
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name: "Tests of suite" }).waitFor();
    });
});
