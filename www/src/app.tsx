/** All that is around every page. */
import { render } from "preact";
import { addedViews } from "./added";
import { openStore } from "./api/open";
import { StoreProvider } from "./widgets/live";
import { Router } from "./widgets/router";
import { Shell } from "./widgets/shell";
import { surroundingsOf } from "./widgets/surroundings";
import { startTheme } from "./widgets/theme";
import type { View } from "./widgets/views";

/** Show what is at the document's address, by these views and those that others add. */
export async function start(views: readonly View[]): Promise<void> {
    startTheme(window);
    const router = new Router([...views, ...(await addedViews(document))], window);
    // With the page in it from the first: drawn once.
    await router.start();
    const store = openStore(router.base);
    render(
        <StoreProvider value={store}>
            <Shell router={router} {...surroundingsOf(store, router, window)} />
        </StoreProvider>,
        document.body,
    );
}
