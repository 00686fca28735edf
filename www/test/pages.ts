/** What is asked of every page, and a database that is changed by hand. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const PYTHON = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** Run SQL on a database of SQLite; each `?` stands for the next of the values. */
export function change(database: string, statements: readonly (readonly [sql: string, ...values: unknown[]])[]): void {
    const script = `
import json, sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=30) as database:
    for sql, *values in json.loads(sys.argv[2]):
        database.execute(sql, values)
`;
    execFileSync(PYTHON, ["-c", script, database, JSON.stringify(statements)]);
}

/** What keeps somebody from using a part of the page, as axe finds it. */
export async function faultsOf(page: Page, part = "main"): Promise<string[]> {
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
