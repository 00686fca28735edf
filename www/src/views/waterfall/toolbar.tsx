/** What one looks at, and how: filters, zoom, and the time on top. */
import { useMemo } from "preact/hooks";
import { FilterBar, type Filter } from "../../widgets/filters";
import { useShortcut } from "../../widgets/keyboard";
import type { Data } from "./data";
import type { Chosen } from "./page";
import { SPANS } from "./scale";

export interface Zoom {
    readonly span: number;
    readonly change: (by: number) => void;
}

export function Toolbar({
    data,
    narrow,
    choice,
    choose,
    until,
    zoom,
    toPresent,
    children,
}: Chosen & { data: Data; narrow: boolean; zoom: Zoom; toPresent: () => void; children: string }) {
    const tags = useMemo(() => [...new Set(data.builders.flatMap((builder) => builder.tags))].sort(), [data.builders]);
    const branches = useMemo(() => {
        const found = new Set<string>();
        for (const builds of data.builds.values())
            for (const build of builds) for (const name of build.branches) found.add(name);
        return [...found].sort();
    }, [data.builds]);
    useShortcut("+", "Waterfall: show less time, larger", () => zoom.change(-1));
    useShortcut("-", "Waterfall: show more time, smaller", () => zoom.change(1));
    useShortcut("n", "Waterfall: go to the present", toPresent);
    const filters = (
        <FilterBar
            filter={choice}
            set={choose}
            tags={tags}
            branches={branches}
            results
            placeholder="Filter by builder or text"
        >
            {children}
        </FilterBar>
    );
    const time = (
        <input
            type="datetime-local"
            aria-label="Show what was at a time"
            title="Show what was at a time"
            value={until === undefined ? "" : local(until)}
            onChange={({ currentTarget: { value } }) => {
                const chosen = Date.parse(value);
                choose({ until: Number.isFinite(chosen) ? new Date(chosen).toISOString() : "" });
            }}
        />
    );
    const looking = (
        <div class="looking">
            <div class="zoom" role="group" aria-label="Zoom">
                <button
                    type="button"
                    class="button square"
                    aria-label="Show more time"
                    title="Show more time (-)"
                    disabled={zoom.span === SPANS.length - 1}
                    onClick={() => zoom.change(1)}
                >
                    −
                </button>
                <output title="How much time a screen shows">{SPANS[zoom.span]?.name.replace(/(\d+)/, "$1 ")}</output>
                <button
                    type="button"
                    class="button square"
                    aria-label="Show less time"
                    title="Show less time (+)"
                    disabled={zoom.span === 0}
                    onClick={() => zoom.change(-1)}
                >
                    +
                </button>
            </div>
            {!narrow && time}
            <button type="button" class="button" title="Go to the present (n)" onClick={toPresent}>
                Now
            </button>
        </div>
    );
    const count = countOf(choice) + (until === undefined ? 0 : 1);
    return (
        <div class={narrow ? "toolbar narrow" : "toolbar"}>
            <h1 class="heard">Waterfall</h1>
            {narrow ? (
                <>
                    {looking}
                    <details>
                        <summary class="button">{count > 0 ? `Filter (${count})` : "Filter"}</summary>
                        {filters}
                        {time}
                    </details>
                </>
            ) : (
                <>
                    {filters}
                    {looking}
                </>
            )}
        </div>
    );
}

/** How many of its parts leave something out. */
function countOf({ text, branch, tag, results }: Filter): number {
    return [text, branch, ...tag, ...results].filter((part) => part !== "").length;
}

/** As the field takes it: in the reader's time zone. */
function local(time: number): string {
    const date = new Date(time * 1000);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
