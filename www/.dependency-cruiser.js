/** Layers: base <- api <- widgets <- views, each imports only those before it; nothing imports main, which alone imports app. */
const LAYERS = ["base", "api", "widgets", "views"];

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
    forbidden: [
        ...LAYERS.map((layer, index) => ({
            name: `${layer}-imports-only-layers-before-it`,
            severity: /** @type {const} */ ("error"),
            from: { path: `^src/${layer}/` },
            to: { path: "^src/", pathNot: `^src/(${LAYERS.slice(0, index + 1).join("|")})/` },
        })),
        {
            name: "views-are-apart",
            severity: "error",
            from: { path: "^src/views/([^/]+)/" },
            to: { path: "^src/views/", pathNot: "^src/views/$1/" },
        },
        {
            name: "main-only-finds-views",
            comment: "by import.meta.glob, so that a view is added as a folder",
            severity: "error",
            from: { path: "^src/(main|app)" },
            to: { path: "^src/views/" },
        },
        {
            name: "nothing-imports-main",
            severity: "error",
            from: { pathNot: "^src/main" },
            to: { path: "^src/(main|app)" },
        },
        {
            name: "client-without-components",
            comment: "any other web project may use src/api",
            severity: "error",
            from: { path: "^src/(base|api)/" },
            to: { path: "^node_modules/(preact|@preact/signals)/" },
        },
        {
            name: "no-node-in-the-browser",
            severity: "error",
            from: { path: "^src/", pathNot: "[.]test[.]tsx?$" },
            to: { dependencyTypes: ["core"] },
        },
        {
            name: "no-cycles",
            severity: "error",
            from: {},
            to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
        },
        { name: "found", severity: "error", from: {}, to: { couldNotResolve: true } },
    ],
    options: {
        doNotFollow: { path: "node_modules" },
        tsPreCompilationDeps: true,
        tsConfig: { fileName: "tsconfig.json" },
    },
};
