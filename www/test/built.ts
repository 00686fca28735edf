/** Pages built and served for a test, below a path of their own as behind a proxy, and a browser to look at them. */
import { createServer } from "node:http";
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { chromium, type Browser } from "playwright-core";
import { build, type Rolldown } from "vite";

/** Where Debian puts Chromium; undefined where there is none, and tests that need one are left out. */
export const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

const FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** A browser without a window. */
export function launch(): Promise<Browser> {
    const sandbox = process.getuid?.() !== 0;
    return chromium.launch({ executablePath: String(CHROMIUM), chromiumSandbox: sandbox, args: FLAGS });
}

/** What the buildmaster sends with its pages, as far as it touches what they may load. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'";

export interface Served {
    /** The root of the pages. */
    readonly base: URL;
    readonly close: () => Promise<void>;
}

/** Build the folder's index.html as `npm run build` builds ours, and serve it at every path that is no file's. */
export async function serve(folder: URL): Promise<Served> {
    const built = (await build({
        root: fileURLToPath(folder),
        configFile: fileURLToPath(new URL("../vite.config.ts", import.meta.url)),
        logLevel: "error",
        build: { write: false },
    })) as Rolldown.RolldownOutput;
    const files = new Map(built.output.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source]));
    const root = "/behind/a/proxy/";
    const index = String(files.get("index.html")).replace('<base href="./">', `<base href="${root}">`);
    const server = createServer((request, response) => {
        const { pathname } = new URL(String(request.url), "http://localhost");
        const file = files.get(pathname.slice(root.length));
        const type = /[.](js|css)$/.exec(pathname)?.[1];
        const mime = type === "js" ? "text/javascript" : type === "css" ? "text/css" : "text/html";
        response.writeHead(200, { "Content-Type": mime, "Content-Security-Policy": POLICY });
        response.end(file ?? index);
    });
    await listen(server);
    return {
        base: new URL(root, `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}

/** Listen at some port below those that the system gives to clients. */
async function listen(server: ReturnType<typeof createServer>): Promise<void> {
    for (;;) {
        const port = 20000 + Math.floor(Math.random() * 12000);
        const failed = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
            server.once("error", resolve);
            server.listen(port, "127.0.0.1", () => resolve(undefined));
        });
        if (!failed) return;
        if (failed.code !== "EADDRINUSE") throw failed;
    }
}
