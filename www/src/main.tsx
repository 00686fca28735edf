import { render } from "preact";
import { Router } from "./widgets/router";
import { Shell } from "./widgets/shell";
import { startTheme } from "./widgets/theme";
import type { View } from "./widgets/views";

const found = import.meta.glob<View>("./views/*/index.ts", { eager: true, import: "default" });

startTheme(window);
const router = new Router(Object.values(found), window);
router.start();
render(<Shell router={router} />, document.body);
