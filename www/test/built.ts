/** Pages built and served for a test, below a path of their own as behind a proxy, and a browser to look at them. */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { existsSync } from "node:fs";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type LaunchOptions } from "playwright-core";
import { build, type Rolldown } from "vite";

/** Where Debian puts Chromium; undefined where there is none, and tests that need one are left out. */
export const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

const FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** A browser without a window. */
export function launch(options: LaunchOptions = {}): Promise<Browser> {
    const sandbox = process.getuid?.() !== 0;
    return chromium.launch({ executablePath: String(CHROMIUM), chromiumSandbox: sandbox, args: FLAGS, ...options });
}

/** What the buildmaster sends with its pages, as far as it touches what they may load. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'";

export interface Served {
    /** The root of the pages. */
    readonly base: URL;
    readonly close: () => Promise<void>;
}

const OURS = new URL("../", import.meta.url);

export interface Behind {
    /** Where the pages are made, when they are others than ours. */
    readonly folder?: URL;
    /** The server whose API the pages speak to, as if both were one. */
    readonly api?: URL;
    /** Further files, by path below the root. */
    readonly files?: Readonly<Record<string, string>>;
    /** What the server writes into the document. */
    readonly head?: string;
}

/** Build the folder's index.html as `npm run build` builds ours, and serve it at every path that is no file's. */
export async function serve({ folder = OURS, api, files: more = {}, head = "" }: Behind): Promise<Served> {
    const built = (await build({
        root: fileURLToPath(folder),
        configFile: fileURLToPath(new URL("vite.config.ts", OURS)),
        logLevel: "error",
        build: { write: false },
    })) as Rolldown.RolldownOutput;
    const made = built.output.map((file): [string, string | Uint8Array] => [
        file.fileName,
        file.type === "chunk" ? file.code : file.source,
    ]);
    const files = new Map([...made, ...Object.entries(more)]);
    const root = "/behind/a/proxy/";
    const index = String(files.get("index.html")).replace('<base href="./">', `<base href="${root}">${head}`);
    const server = createServer((request, response) => {
        const { pathname } = new URL(String(request.url), "http://localhost");
        const path = pathname.slice(root.length);
        if (api && path.startsWith("api/")) {
            handOn(request, response, api, root);
            return;
        }
        const type = /[.](js|css)$/.exec(pathname)?.[1];
        const mime = type === "js" ? "text/javascript" : type === "css" ? "text/css" : "text/html";
        response.writeHead(200, { "Content-Type": mime, "Content-Security-Policy": POLICY });
        response.end(files.get(path) ?? index);
    });
    if (api) server.on("upgrade", (request, socket, head) => upgrade(request, socket, head, api, root));
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

/** As a proxy does that has the pages and the API below a path of its own. */
function handOn(incoming: IncomingMessage, response: ServerResponse, api: URL, root: string): void {
    const path = `/${String(incoming.url).slice(root.length)}`;
    const { method, headers } = incoming;
    const outgoing = request(new URL(path, api), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
}

function upgrade(incoming: IncomingMessage, client: Duplex, head: Buffer, api: URL, root: string): void {
    const path = `/${String(incoming.url).slice(root.length)}`;
    const server = connect(Number(api.port), api.hostname, () => {
        const { rawHeaders } = incoming;
        const lines = rawHeaders.flatMap((name, at) => (at % 2 ? [] : [`${name}: ${String(rawHeaders[at + 1])}`]));
        server.write([`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
        server.write(head);
        server.pipe(client).pipe(server);
    });
    for (const [one, other] of [
        [client, server],
        [server, client],
    ] as const) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
    }
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
