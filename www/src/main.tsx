import { render } from "preact";
import { addedViews } from "./added";
import { openStore } from "./api/open";
import { StoreProvider } from "./widgets/live";
import { Router } from "./widgets/router";
import { Shell } from "./widgets/shell";
import { surroundingsOf } from "./widgets/surroundings";
import { startTheme } from "./widgets/theme";
import type { View } from "./widgets/views";

const found = import.meta.glob<View>("./views/*/index.ts", { eager: true, import: "default" });

startTheme(window);
const router = new Router([...Object.values(found), ...(await addedViews(document))], window);
router.start();
const store = openStore(router.base);
render(
    <StoreProvider value={store}>
        <Shell router={router} {...surroundingsOf(store, router, window)} />
    </StoreProvider>,
    document.body,
);
