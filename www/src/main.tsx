import { render } from "preact";
import { addedViews } from "./added";
import { openStore } from "./api/open";
import { StoreProvider } from "./widgets/live";
import { Router } from "./widgets/router";
import { Shell } from "./widgets/shell";
import { startTheme } from "./widgets/theme";
import type { View } from "./widgets/views";

const found = import.meta.glob<View>("./views/*/index.ts", { eager: true, import: "default" });

startTheme(window);
const router = new Router([...Object.values(found), ...(await addedViews(document))], window);
router.start();
render(
    <StoreProvider value={openStore(router.base)}>
        <Shell router={router} />
    </StoreProvider>,
    document.body,
);
