import { useMemo, useRef, useState } from "preact/hooks";
import { counted } from "../../base/text";
import { now } from "../../base/time";
import { ALL } from "../../widgets/filters";
import type { Data } from "./data";
import { LINE } from "./geometry";
import { useSteady, useWidth } from "./hooks";
import { Layouts, type Lane } from "./layout";
import type { Build } from "./model";
import type { Chosen } from "./page";
import { pictureOf, type Picture } from "./picture";
import { fittingSpan, SCREEN, SPANS } from "./scale";
import { Scrolling } from "./scrolling";
import { Sheet } from "./sheet";
import { Toolbar } from "./toolbar";

/** Above what is looked at from nearer, in pixels. */
const HEADROOM = 40;

/** The waterfall, drawn, with what one can choose above it. */
export function Drawing({ data, loadOlder, ...chosen }: Chosen & { data: Data; loadOlder: () => Promise<void> }) {
    const { choice, choose, until } = chosen;
    const element = useRef<HTMLDivElement>(null);
    const [{ layouts, scrolling, usual }] = useState(() => ({
        layouts: new Layouts(newestOf(data)),
        scrolling: new Scrolling(until ?? now.peek()),
        usual: usualSpan(data),
    }));
    const width = useWidth(element);
    const named = SPANS.findIndex(({ name }) => name === choice.span);
    const span = named < 0 ? usual : named;
    const seconds = SPANS[span]?.seconds ?? 3600;
    const before = useRef<Picture>(undefined);
    const picture = useMemo(
        () => (before.current = pictureOf(layouts, data, choice, before.current, { seconds, width, until })),
        [layouts, data, choice, seconds, width, until],
    );

    const zoom = (to: number) => {
        const next = SPANS[Math.max(0, Math.min(SPANS.length - 1, to))];
        if (next) choose({ span: next.name });
    };
    const look = useSteady((builds: readonly Build[]) => {
        const starts = builds.map(({ start }) => start);
        const length = Math.max(...starts) - Math.min(...starts);
        // So that they are some lines apart.
        const closer = SPANS.findLastIndex((each) => (length / each.seconds) * SCREEN >= builds.length * 2 * LINE);
        scrolling.holdTime(Math.max(...starts), HEADROOM);
        zoom(Math.min(Math.max(0, closer), span - 1));
    });

    return (
        <section class="waterfall fills" aria-label="Waterfall">
            <Toolbar
                {...chosen}
                data={data}
                narrow={picture.sizes.narrow}
                zoom={{
                    span,
                    change: (by) => {
                        scrolling.holdMiddle();
                        zoom(span + by);
                    },
                }}
                toPresent={() => {
                    scrolling.hold(undefined);
                    if (until === undefined) element.current?.scrollTo({ top: 0 });
                    else choose({ until: "" });
                }}
            >
                {countOf(picture.layout.lanes)}
            </Toolbar>
            <Sheet
                element={element}
                picture={picture}
                scrolling={scrolling}
                look={look}
                loadOlder={useSteady(loadOlder)}
                showAll={useSteady(() => choose(ALL))}
            />
        </section>
    );
}

function countOf(lanes: readonly Lane[]): string {
    const count = lanes.reduce((sum, { builds }) => sum + builds.length, 0);
    return `${counted(count, "build")} of ${counted(lanes.length, "builder")}`;
}

/** When what is there began last: places are counted from there, since browsers know none that are very far away. */
function newestOf({ builds }: Data): number {
    const starts = [...builds.values()].flatMap((column) => column.at(-1)?.start ?? []);
    return starts.length > 0 ? Math.max(...starts) : now.peek();
}

/** What builds ordinarily take is the same for all who look; what was just done is not waited for. */
function usualSpan(data: Data): number {
    const lengths = [...data.builds.values()]
        .flat()
        .flatMap(({ start, end }) => (end === Infinity ? [] : [end - start]));
    return fittingSpan(lengths);
}
