/** What is around every page: navigation, the state of the connection, help; and in place of a page what went wrong with it. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { ComponentType, RefObject } from "preact";
import { useEffect, useErrorBoundary, useMemo, useRef, useState } from "preact/hooks";
import type { Site } from "../api/generated";
import type { Status as Connection } from "../api/link";
import { Keyboard } from "../base/keys";
import type { Status } from "../base/results";
import { ConnectionMarker, DesertedStrip, StaleStrip } from "./connection";
import { focusHeading } from "./head";
import { Help } from "./help";
import { KeyboardProvider, listen } from "./keyboard";
import { MisreadStrip } from "./misread";
import { Bar, entriesOf } from "./navigation";
import { Palette } from "./palette";
import type { Place } from "./places";
import { RouterProvider, useRouter, type Router, type Shown } from "./router";
import { SiteProvider } from "./site";
import type { Source } from "./sources";
import { startTitle } from "./title";
import type { PageProps } from "./views";
import { WatchesProvider, type Watching } from "./watching";
import "./shell.css";

/** What the shell shows of the world beyond the page; a page is whole without. */
export interface Surroundings {
    readonly connection?: ReadonlySignal<Connection>;
    readonly site?: ReadonlySignal<Site | undefined>;
    /** How things are on the whole: shown by the window's icon where the page has nothing to say. */
    readonly status?: ReadonlySignal<Status | undefined>;
    /** What the palette finds, besides the pages. */
    readonly sources?: readonly Source[];
    readonly watching?: Watching;
    /** Is drawn with each page, so that what it asks for goes out in one request with what the page asks for. */
    readonly Beside?: ComponentType;
    /** Is drawn where a page could not be loaded; calls when the server answers again that was away. */
    readonly Away?: ComponentType<{ back: () => void }>;
    /** Since when no master runs, if none does. */
    readonly deserted?: ReadonlySignal<number | undefined>;
}

export function Shell({
    router,
    connection,
    site,
    status,
    sources,
    watching,
    Beside,
    Away,
    deserted,
}: { router: Router } & Surroundings) {
    const keyboard = useMemo(() => new Keyboard(), []);
    const [open, setOpen] = useState<"palette" | "help">();
    const main = useRef<HTMLElement>(null);
    const all = useMemo(() => [pages(router), ...(sources ?? [])], [router, sources]);
    const close = () => setOpen(undefined);

    useEffect(() => listen(keyboard, document), [keyboard]);
    useEffect(
        () =>
            keyboard.register(
                { keys: "Mod+k", text: "Jump to anything", run: () => setOpen("palette") },
                { keys: "/", text: "Jump to anything", run: () => setOpen("palette") },
                { keys: "?", text: "Show all shortcuts", run: () => setOpen("help") },
                ...entriesOf(router.views).flatMap(({ path, text, key }) =>
                    key ? [{ keys: `g ${key}`, text: `Go to ${text}`, run: () => router.navigate(path) }] : [],
                ),
            ),
        [keyboard, router],
    );
    useEffect(
        () =>
            startTitle(
                document,
                computed(() => ({
                    page: viewOf(router.shown.value)?.title ?? "",
                    site: site?.value?.title ?? "Buildbot",
                    status: status?.value,
                })),
            ),
        [router, site, status],
    );

    return (
        <RouterProvider value={router}>
            <SiteProvider value={site}>
                <WatchesProvider value={watching}>
                    <KeyboardProvider value={keyboard}>
                        <SkipLink main={main} />
                        <Bar find={() => setOpen("palette")} help={() => setOpen("help")}>
                            {connection && <ConnectionMarker connection={connection} />}
                        </Bar>
                        {connection && <StaleStrip connection={connection} />}
                        {deserted && <DesertedStrip since={deserted} />}
                        <MisreadStrip />
                        <main ref={main} id="main" tabIndex={-1}>
                            <Content main={main} Beside={Beside} Away={Away} />
                        </main>
                        {open === "palette" && <Palette sources={all} close={close} />}
                        {open === "help" && <Help close={close} />}
                    </KeyboardProvider>
                </WatchesProvider>
            </SiteProvider>
        </RouterProvider>
    );
}

/** For the palette: the pages that the navigation has. */
function pages({ views }: Router): Source {
    const entries = entriesOf(views).map(({ path, text }) => ({ title: text, href: path }));
    return { name: "Pages", usual: true, entries: () => entries };
}

/** The first stop of the keyboard: past all that is on every page. */
function SkipLink({ main }: { main: RefObject<HTMLElement | null> }) {
    const url = placeOf(useRouter().shown.value);
    if (!url) return null;
    return (
        <a
            class="skip button"
            // A fragment alone would be one of the root of the pages.
            href={`${url.pathname}${url.search}#main`}
            onClick={(event) => {
                event.preventDefault();
                main.current?.focus();
            }}
        >
            Skip to the page
        </a>
    );
}

/** A page whose program fails says so, and takes nothing else with it. */
function Guarded({ place, Page }: { place: Place; Page: ComponentType<PageProps> }) {
    const [error, tryAgain] = useErrorBoundary((thrown: unknown) => reportError(thrown)) as [unknown, () => void];
    if (error === undefined) return <Page params={place.params} query={place.url.searchParams} />;
    return (
        <>
            <h1>This page has failed</h1>
            <p>
                It met something that it was not made for. What it shows is still to be had from the API, and on other
                pages. Whoever looks after this server can report it with what the browser&rsquo;s console says.
            </p>
            <p>
                <button type="button" class="button" onClick={tryAgain}>
                    Try again
                </button>
            </p>
        </>
    );
}

function Content({
    main,
    Beside,
    Away,
}: { main: RefObject<HTMLElement | null> } & { [Part in "Beside" | "Away"]: Surroundings[Part] | undefined }) {
    const router = useRouter();
    const shown = router.shown.value;
    useFocus(main, shown);
    switch (shown.state) {
        case "starting":
            return null;
        case "page": {
            const { Page, place } = shown;
            return (
                <>
                    {Beside && <Beside />}
                    <Guarded key={place.url.pathname} place={place} Page={Page} />
                </>
            );
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
                        The server cannot be reached, or has other files since an update. Once it answers again, the
                        page is loaded by itself.{" "}
                        <a href={shown.place.url.href} target="_top">
                            Load it again
                        </a>
                    </p>
                    {Away && <Away back={() => router.reload()} />}
                </>
            );
    }
}

/** After a move the focus is at the heading, so that who listens hears where they are, and the keyboard goes on from there. */
function useFocus(main: RefObject<HTMLElement | null>, shown: Shown) {
    const path = placeOf(shown)?.pathname;
    const before = useRef<string | undefined>(undefined);
    useEffect(() => {
        if (path === undefined) return;
        const moved = before.current !== undefined && before.current !== path;
        before.current = path;
        if (!moved) return;
        const heading = main.current?.querySelector("h1") ?? main.current;
        if (heading) focusHeading(heading);
    }, [main, path]);
}

function placeOf(shown: Shown): URL | undefined {
    if (shown.state === "starting") return undefined;
    return shown.state === "missing" ? shown.url : shown.place.url;
}

function viewOf(shown: Shown) {
    return shown.state === "page" || shown.state === "failed" ? shown.place.view : undefined;
}
