import type { HtmlTagDescriptor, Rolldown } from "vite";
import { defineConfig } from "vitest/config";

/** The server that `npm run dev` shows, such as http://127.0.0.1:8020/. */
const server = process.env["BUILDBOT_FROM"];

const PROXIED = ["/api/", "/about/", "/ws", "/sse/"];

/** To a server that answers only its own pages. */
function through(target: string) {
    return { target, changeOrigin: true, ws: true, headers: { origin: new URL(target).origin } };
}

/** What `main.ts` imports when it runs, which is always wanted: so that it comes at the same time. */
function preloads(bundle: Rolldown.OutputBundle): HtmlTagDescriptor[] {
    const chunks = Object.values(bundle).filter((each) => each.type === "chunk");
    const app = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith("/src/app.tsx"));
    // A document of the tests has none.
    if (!app) return [];
    const wanted = [app, ...chunks.filter(({ fileName }) => app.imports.includes(fileName))];
    const styles = new Set(wanted.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]));
    return [
        ...wanted.map(({ fileName }) => link("modulepreload", fileName)),
        ...[...styles].map((fileName) => link("stylesheet", fileName)),
    ];
}

function link(rel: string, fileName: string): HtmlTagDescriptor {
    return { tag: "link", attrs: { rel, crossorigin: true, href: `./${fileName}` }, injectTo: "head" };
}

export default defineConfig(({ command }) => ({
    // Addresses in the built files are relative, so that they work under any sub-path.
    base: command === "build" ? "./" : "/",
    plugins: [
        {
            name: "document",
            transformIndexHtml: {
                order: "post",
                handler: (html, { bundle }) => [
                    // Pages have addresses of any depth: whoever serves the built index.html at one puts the way to the root here.
                    { tag: "base", attrs: { href: command === "build" ? "./" : "/" }, injectTo: "head-prepend" },
                    ...(bundle ? preloads(bundle).filter(({ attrs }) => !html.includes(String(attrs?.["href"]))) : []),
                ],
            },
        },
    ],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
        target: "es2023",
        manifest: true,
        // No data: addresses, which the Content-Security-Policy forbids.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        rolldownOptions: {
            output: {
                // What several pages share comes with the first of them: each file more costs a browser milliseconds.
                codeSplitting: {
                    groups: [
                        {
                            name: "first",
                            test: /src\/(base\/pattern|widgets\/(places|views)|views\/\w+\/index)\.ts$/,
                            priority: 1,
                        },
                        { name: "shared", test: /src\/(base|api|widgets)\/|node_modules/, minShareCount: 2 },
                    ],
                },
            },
        },
    },
    test: {
        // The files wait more than they work: for a browser, for a server, for builds to end.
        maxWorkers: 2,
        // What comes when it comes, comes late where the machine has much else to do.
        testTimeout: 90_000,
        hookTimeout: 90_000,
        expect: { poll: { timeout: 30_000 } },
    },
    server: server ? { proxy: Object.fromEntries(PROXIED.map((path) => [path, through(server)])) } : {},
}));
