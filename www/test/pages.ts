/** What is asked of every page, and a database that is changed by hand. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";

/** In which the server is installed. */
export const PYTHON = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** A page, what its console says, and what it asks of the API. */
export interface Watched {
    readonly page: Page;
    readonly complaints: string[];
    readonly asked: string[];
}

/** A new one, of an ordinary size if nothing else is said. */
export async function watched(browser: Browser, width = 1280): Promise<Watched> {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => request.url().includes("/api/") && asked.push(request.url()));
    const goto = page.goto.bind(page);
    page.goto = async (...given) => {
        const answer = await goto(...given);
        await begun(page);
        return answer;
    };
    return { page, complaints, asked };
}

/** The document is loaded before the page in it has begun, and hears keys. */
export async function begun(page: Page): Promise<void> {
    await page.locator("#main").waitFor({ state: "attached" });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
}

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
