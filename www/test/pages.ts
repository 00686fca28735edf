/** What is asked of every page, and a database that is changed by hand. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** In which the server is installed. */
export const PYTHON = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** Run SQL on a database of SQLite: a whole script, or statements in which each `?` stands for the next of the values. */
export function change(
    database: string,
    statements: string | readonly (readonly [sql: string, ...values: unknown[]])[],
): void {
    const script = `
import json, sqlite3, sys
given = json.loads(sys.argv[2])
with sqlite3.connect(sys.argv[1], timeout=30) as database:
    if isinstance(given, str):
        database.executescript(given)
    else:
        for sql, *values in given:
            database.execute(sql, values)
`;
    execFileSync(PYTHON, ["-c", script, database, JSON.stringify(statements)]);
}

/** What keeps somebody from using a part of the page, as axe finds it. */
export async function faultsOf(page: Page, part = "main"): Promise<string[]> {
    // A page's policy forbids it to load this; a debugger may.
    await page.evaluate(AXE);
    return page.evaluate(async (part) => {
        const axe = (window as unknown as { axe: { run: (what: string) => Promise<AxeResults> } }).axe;
        const { violations } = await axe.run(part);
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    }, part);
}

/** How wide the page is, with what can only be seen by scrolling sideways. */
export function widthOf(page: Page): Promise<number> {
    return page.evaluate(() => document.documentElement.scrollWidth);
}

/** Have a build of the first builder begin. Its number is its id. */
export function beginBuild(database: string, id: number): void {
    const insert =
        "INSERT INTO builds (id, number, builderid, buildrequestid, workerid, masterid, started_at, locks_duration_s," +
        " state_string) SELECT ?, ?, builderid, buildrequestid, workerid, 1, ?, 0, 'building'" +
        " FROM builds WHERE builderid = 1 LIMIT 1";
    change(database, [[insert, id, id, now()]]);
}

export function endBuild(database: string, id: number, results: number, text: string): void {
    change(database, [
        ["UPDATE builds SET complete_at = ?, results = ?, state_string = ? WHERE id = ?", now(), results, text, id],
    ]);
}

/** Have a step of a build begin. Its number is its id. */
export function beginStep(database: string, id: number, buildid: number): void {
    const insert =
        "INSERT INTO steps (id, number, name, buildid, started_at, state_string, urls_json, hidden)" +
        " VALUES (?, ?, 'late', ?, ?, 'running', '[]', 0)";
    change(database, [[insert, id, id, buildid, now()]]);
}

export function endStep(database: string, id: number, results: number): void {
    change(database, [["UPDATE steps SET complete_at = ?, results = ? WHERE id = ?", now(), results, id]]);
}

function now(): number {
    return Math.floor(Date.now() / 1000);
}
