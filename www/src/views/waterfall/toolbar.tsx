/** What one looks at, and how: filters, zoom, and the time on top. */
import { useMemo } from "preact/hooks";
import { FilterBar } from "../../widgets/filters";
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
    choice,
    choose,
    until,
    zoom,
    toPresent,
    children,
}: Chosen & { data: Data; zoom: Zoom; toPresent: () => void; children: string }) {
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
    return (
        <div class="toolbar">
            <h1>Waterfall</h1>
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
            <div class="times">
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
                    <output title="How much time a screen shows">
                        {SPANS[zoom.span]?.name.replace(/(\d+)/, "$1 ")}
                    </output>
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
                <input
                    type="datetime-local"
                    aria-label="Show what was at a time"
                    title="Show what was at a time"
                    value={until === undefined ? "" : local(until)}
                    onChange={({ currentTarget: { value } }) => {
                        const time = Date.parse(value);
                        choose({ until: Number.isFinite(time) ? new Date(time).toISOString() : "" });
                    }}
                />
                <button type="button" class="button" title="Go to the present (n)" onClick={toPresent}>
                    Now
                </button>
            </div>
        </div>
    );
}

/** As the field takes it: in the reader's time zone. */
function local(time: number): string {
    const date = new Date(time * 1000);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
