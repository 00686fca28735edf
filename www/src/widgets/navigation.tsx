import type { ComponentChildren } from "preact";
import { Keys } from "./help";
import { Icon } from "./icons";
import { Menu } from "./menu";
import { useRouter } from "./router";
import { StockLink, useSite } from "./site";
import { setTheme, theme, THEMES } from "./theme";
import type { View } from "./views";

export interface NavigationEntry {
    readonly name: string;
    readonly path: string;
    readonly text: string;
    readonly key: string | undefined;
    /** Whether it stands in the bar itself. */
    readonly first: boolean;
}

/** What leads to the pages, in its order. */
export function entriesOf(views: readonly View[]): readonly NavigationEntry[] {
    return views
        .flatMap(({ name, paths, nav }) => (nav ? [{ name, path: paths[0] || "./", nav }] : []))
        .sort((a, b) => a.nav.order - b.nav.order)
        .map(({ name, path, nav }) => ({ name, path, text: nav.text, key: nav.key, first: nav.order < 500 }));
}

/** The bar above; on a phone the pages are below, where thumbs are. */
export function Bar({
    find,
    help,
    children,
}: {
    find: () => void;
    help: () => void;
    /** The state of the connection. */
    children: ComponentChildren;
}) {
    const { views } = useRouter();
    const entries = entriesOf(views);
    return (
        <header class="bar">
            <a class="site" href="./">
                {useSite()?.title ?? "Buildbot"}
            </a>
            <nav aria-label="Pages">
                {entries.map((entry) => entry.first && <PageLink key={entry.name} entry={entry} />)}
                <More entries={entries} help={help} />
            </nav>
            <button type="button" class="button find" onClick={find}>
                <Icon name="search" />
                <span class="label">Jump to…</span>
                <span class="keys" aria-hidden="true">
                    <Keys keys="Mod+k" />
                </span>
            </button>
            {children}
        </header>
    );
}

function useView(): View | undefined {
    const shown = useRouter().shown.value;
    return shown.state === "page" || shown.state === "failed" ? shown.place.view : undefined;
}

function PageLink({ entry: { name, path, text } }: { entry: NavigationEntry }) {
    const view = useView();
    return (
        <a href={path} aria-current={name === view?.name ? "page" : name === view?.within ? "true" : undefined}>
            {text}
        </a>
    );
}

function More({ entries, help }: { entries: readonly NavigationEntry[]; help: () => void }) {
    const view = useView();
    const isBehind = entries.some(({ name, first }) => !first && name === view?.name);
    return (
        <Menu
            name="More pages and settings"
            class={`bare more${isBehind ? " here" : ""}`}
            label={
                <>
                    <Icon name="more" />
                    <span>More</span>
                </>
            }
        >
            {entries.map((entry) => (
                <div key={entry.name} class={entry.first ? "first" : ""}>
                    <PageLink entry={entry} />
                </div>
            ))}
            <StockLink to="">Buildbot’s own pages</StockLink>
            <hr />
            <fieldset class="themes">
                <legend class="heard">Theme</legend>
                {THEMES.map((choice) => (
                    <label key={choice}>
                        <input
                            type="radio"
                            name="theme"
                            checked={theme.value === choice}
                            onChange={() => setTheme(choice)}
                        />
                        {choice}
                    </label>
                ))}
            </fieldset>
            <hr />
            <button type="button" onClick={help}>
                Keyboard shortcuts
                <kbd>?</kbd>
            </button>
        </Menu>
    );
}
