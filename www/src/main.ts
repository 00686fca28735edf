/** The beginning: small, so that the code of the page at this address is asked for at the same time as all that is around it. */
import { resolve, rootOf, withoutHash } from "./widgets/places";
import type { View } from "./widgets/views";

const views = Object.values(import.meta.glob<View>("./views/*/index.ts", { eager: true, import: "default" }));
const root = rootOf(document);
// Where it cannot be had, whoever is going to show it says so.
resolve(views, root, withoutHash(root, new URL(location.href)))
    ?.view.load()
    .catch(() => undefined);
const { start } = await import("./app");
await start(views);
