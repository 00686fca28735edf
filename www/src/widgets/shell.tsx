/** What is around every page: navigation above, and in place of a page what went wrong with it. */
import { useEffect } from "preact/hooks";
import { RouterProvider, useRouter, type Router, type Shown } from "./router";
import "./shell.css";

export function Shell({ router }: { router: Router }) {
    return (
        <RouterProvider value={router}>
            <Navigation />
            <main>
                <Content />
            </main>
        </RouterProvider>
    );
}

function Navigation() {
    const { views, shown } = useRouter();
    const current = viewOf(shown.value);
    const entries = views
        .flatMap(({ name, paths, nav }) => (nav ? [{ name, path: paths[0] ?? "", ...nav }] : []))
        .sort((a, b) => a.order - b.order);
    return (
        <header>
            <nav aria-label="Pages">
                {entries.map(({ name, path, text }) => (
                    <a key={name} href={path || "./"} aria-current={name === current?.name ? "page" : undefined}>
                        {text}
                    </a>
                ))}
            </nav>
        </header>
    );
}

function Content() {
    const shown = useRouter().shown.value;
    const title = viewOf(shown)?.title;
    useEffect(() => {
        document.title = title ? `${title} · Buildbot` : "Buildbot";
    }, [title]);
    switch (shown.state) {
        case "starting":
            return null;
        case "page": {
            const { Page, place } = shown;
            return <Page key={place.url.pathname} params={place.params} query={place.url.searchParams} />;
        }
        case "missing":
            return (
                <>
                    <h1>There is no such page</h1>
                    <p>
                        Nothing is at <code>{shown.url.pathname}</code>. The pages that there are stand above.
                    </p>
                </>
            );
        case "failed":
            return (
                <>
                    <h1>This page could not be loaded</h1>
                    <p>
                        The server cannot be reached, or has other files since an update.{" "}
                        <a href={shown.place.url.href} target="_top">
                            Load it again
                        </a>
                    </p>
                </>
            );
    }
}

function viewOf(shown: Shown) {
    return shown.state === "page" || shown.state === "failed" ? shown.place.view : undefined;
}
