import { defineConfig } from "vitest/config";

/** The server that `npm run dev` shows, such as http://127.0.0.1:8020/. */
const server = process.env["BUILDBOT_FROM"];

const PROXIED = ["/api/", "/about/", "/ws", "/sse/"];

/** To a server that answers only its own pages. */
function through(target: string) {
    return { target, changeOrigin: true, ws: true, headers: { origin: new URL(target).origin } };
}

export default defineConfig(({ command }) => ({
    // Addresses in the built files are relative, so that they work under any sub-path.
    base: command === "build" ? "./" : "/",
    plugins: [
        {
            name: "base-element",
            // Pages have addresses of any depth: whoever serves the built index.html at one puts the way to the root here.
            transformIndexHtml: () => [
                { tag: "base", attrs: { href: command === "build" ? "./" : "/" }, injectTo: "head-prepend" },
            ],
        },
    ],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
        target: "es2023",
        manifest: true,
        // No data: addresses, which the Content-Security-Policy forbids.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
    },
    server: server ? { proxy: Object.fromEntries(PROXIED.map((path) => [path, through(server)])) } : {},
}));
