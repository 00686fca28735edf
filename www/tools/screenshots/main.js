/**
 * Takes the pictures of the documentation: plays a day of builds into a database, serves it with the pages that are
 * installed beside the server, and looks at them.
 *
 *     node tools/screenshots/main.js            all pictures, into docs/screenshots
 *     node tools/screenshots/main.js log home   only these
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { tape } from "./tape.js";

const BUILDBOT = fileURLToPath(new URL("../../../.venv/bin/buildbot", import.meta.url));
const TARGET = fileURLToPath(new URL("../../../docs/screenshots/", import.meta.url));
const DESK = { width: 1280, height: 800 };
const LOW = { width: 1280, height: 440 };
const PHONE = { width: 390, height: 844 };

/**
 * `typed`: into the palette.
 *
 * @typedef {{ path: string, size?: { width: number, height: number }, colorScheme?: "light" | "dark", typed?: string }} Picture
 * @type {Record<string, Picture>}
 */
const PICTURES = {
    home: { path: "" },
    waterfall: { path: "waterfall?span=2h" },
    builders: { path: "builders", size: LOW },
    builder: { path: "builders/3" },
    build: { path: "builders/4/builds/19" },
    tests: { path: "builders/4/tests", size: LOW },
    log: { path: "builders/4/builds/19/steps/3/logs/stdio#L46" },
    grid: { path: "grid", size: LOW },
    console: { path: "console" },
    palette: { path: "", size: LOW, typed: "windows 19" },
    "waterfall-dark": { path: "waterfall?span=2h", colorScheme: "dark" },
    "home-phone": { path: "", size: PHONE },
    "build-phone": { path: "builders/4/builds/19", size: PHONE },
};

/** Serve a database; what the server says is shown where it cannot. @param {string} folder @param {number} port */
async function serve(folder, port) {
    const files = ["--db", `sqlite:///${join(folder, "day.sqlite")}`, "--state", join(folder, "state.sqlite")];
    // Links to Buildbot's own pages are part of the pictures.
    const addresses = ["--port", String(port), "--url", "https://ci.example.org/"];
    const server = spawn(BUILDBOT, ["attach", ...files, ...addresses], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve, reject) => {
        server.stdout.on("data", (chunk) => String(chunk).includes("Ctrl-C") && resolve(undefined));
        server.on("exit", (code) => reject(new Error(`buildbot attach ended with ${String(code)}`)));
    });
    return server;
}

/** @param {import("playwright-core").Browser} browser @param {string} root @param {string} name @param {Picture} picture */
async function take(browser, root, name, { path, size = DESK, colorScheme = "light", typed }) {
    const context = await browser.newContext({ viewport: size, deviceScaleFactor: 2, colorScheme });
    const page = await context.newPage();
    page.on("console", (message) => console.log(`${name}: ${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => console.log(`${name}: ${error.message}`));
    await page.goto(root + path);
    await page.locator("main h1").waitFor();
    await page.locator(".skeleton").waitFor({ state: "detached" });
    await page.getByText("Live", { exact: true }).first().waitFor();
    if (typed) {
        await page.keyboard.press("Control+k");
        await page.keyboard.type(typed);
        await page
            .getByRole("option", { name: String(typed.split(" ").at(-1)) })
            .first()
            .waitFor();
    }
    const session = await context.newCDPSession(page);
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 80 });
    writeFileSync(join(TARGET, `${name}.webp`), data, "base64");
    await context.close();
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in PICTURES));
if (unknown.length) throw new Error(`${unknown.join(", ")}: there are ${Object.keys(PICTURES).join(", ")}`);
mkdirSync(TARGET, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "screenshots-"));
const port = 20000 + Math.floor(Math.random() * 12000);
let server, browser;
try {
    const file = join(folder, "day.jsonl");
    writeFileSync(file, `${tape(Math.floor(Date.now() / 1000)).join("\n")}\n`);
    const database = `sqlite:///${join(folder, "day.sqlite")}`;
    execFileSync(BUILDBOT, ["replay", file, "--db", database, "--same-times"], { stdio: "inherit" });
    server = await serve(folder, port);
    browser = await chromium.launch({
        executablePath: "/usr/bin/chromium",
        chromiumSandbox: process.getuid?.() !== 0,
        args: ["--disable-gpu", "--hide-scrollbars"],
    });
    for (const [name, picture] of Object.entries(PICTURES)) {
        if (asked.length && !asked.includes(name)) continue;
        await take(browser, `http://127.0.0.1:${port}/`, name, picture);
        console.log(`docs/screenshots/${name}.webp`);
    }
} finally {
    await browser?.close();
    server?.kill();
    rmSync(folder, { recursive: true });
}
