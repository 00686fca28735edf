/** Pages in a browser over what is behind them: hooks that begin and end all of it, and what each test has of it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { Browser, BrowserContext, LaunchOptions, Page } from "playwright-core";
import { launch, serve, type Behind } from "./built";

/** The root of the pages, to which addresses that are given to the browser are relative. */
export let base: URL;
export let browser: Browser;
/** Of the test that runs, with a page of an ordinary size. */
export let context: BrowserContext;
export let page: Page;
/** What that page asks of the API: the paths below its root. */
export let asked: string[];
/** What the console of any page of the test says, and errors that nobody has caught. */
export let complaints: string[];
let tolerated: RegExp | undefined;

interface Begun {
    readonly close: () => unknown;
}

/** Has what begins ended after the tests. */
export type Keep = <Thing extends Begun>(begins: Thing | Promise<Thing>) => Promise<Thing>;

/** Begin what the tests need. All that has begun is ended after them, the last one first; also where another part could not begin. */
export function beginning(begin: (keep: Keep) => Promise<void>): void {
    const kept: Promise<Begun>[] = [];
    const keep: Keep = (begins) => {
        const begun = Promise.resolve(begins);
        kept.push(begun);
        return begun;
    };
    beforeAll(() => begin(keep), 240_000);
    afterAll(async () => {
        // Of what could not begin it has been told.
        for (const begun of kept.reverse())
            await begun.then(
                (thing) => thing.close(),
                () => undefined,
            );
    });
}

/** Serve pages over what is begun, and look at them in a browser: each test has a page of its own, which must not complain. */
export function site(begin: (keep: Keep) => Promise<Behind>, options?: LaunchOptions): void {
    beginning(async (keep) => {
        const behind = await begin(keep);
        [{ base }, browser] = await Promise.all([keep(serve(behind)), keep(launch(options))]);
    });
    beforeEach(async () => {
        [asked, complaints, tolerated] = [[], [], undefined];
        context = await browser.newContext({ baseURL: base.href, viewport: { width: 1280, height: 800 } });
        context.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
        context.on("weberror", (error) => complaints.push(String(error.error())));
        page = await context.newPage();
        page.on("request", (request) => {
            const [, path] = request.url().split("/api/v2/");
            if (path !== undefined) asked.push(path);
        });
    });
    afterEach(async () => {
        await context.close();
        expect(complaints.filter((complaint) => !tolerated?.test(complaint))).toEqual([]);
    });
}

/** Pages may complain so in this test, as often as it happens. */
export function tolerate(complaint: RegExp): void {
    tolerated = complaint;
}

/** Load the page of an address, and wait until it shows something and hears keys, which is later than its document is loaded. */
export async function visit(address: string, something = "#main"): Promise<void> {
    await page.goto(address);
    await page.locator(something).first().waitFor();
    await nextFrame();
}

/** What the page has to draw by now is drawn, and what follows from that is done. */
export async function nextFrame(): Promise<void> {
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
}
