/** The waterfall, drawn: a sheet that is scrolled both ways, of which only what can be seen is there. */
import { useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";
import { now } from "../../base/time";
import { Empty } from "../../widgets/problem";
import { Axis, Corner, FoldMarks, TickLines } from "./axis";
import { ColumnView, Head, WaitingView } from "./columns";
import type { Data } from "./data";
import { etasOf, latestOf } from "./etas";
import { commitMatches } from "./filters";
import { columnsBetween, LINE, type Box } from "./geometry";
import { goTo, type Stop } from "./keyboard";
import { chosenOf, Layouts, type Lane, type Layout } from "./layout";
import type { Build } from "./model";
import type { Chosen } from "./page";
import { fittingSpan, SCREEN, SPANS } from "./scale";
import { Scrolling } from "./scrolling";
import { Toolbar } from "./toolbar";

const HEAD = 44;
/** What waits, of each builder. */
const WAITING = 20;
const MOST_WAITING = 3;
/** What is still to come, of what runs. */
const AHEAD = 20;
const MOST_AHEAD = 88;
/** Below the oldest build. */
const FOOT = 96;
/** A lane that is narrower cannot be read. */
const LANE = 44;
/** Older builds are asked for when somebody has scrolled so near to the end. */
const NEAR = 600;

/** Widths, by how much room there is. */
function sizesFor(width: number, columns: number) {
    const narrow = width < 700;
    const axis = narrow ? 50 : 56;
    const beside = axis + (narrow ? 24 : 160);
    const [least, most] = narrow ? [96, 180] : [108, 260];
    const column = Math.floor(Math.min(most, Math.max(least, (width - beside) / Math.max(1, columns))));
    return { narrow, axis, beside, column };
}

/** What is between the upper edge of the sheet and the present. */
function aboveOf({ lanes, running, scale }: Layout, latest: number | undefined) {
    const waits = Math.max(0, ...lanes.map(({ waiting }) => waiting.length));
    const waiting = (Math.min(waits, MOST_WAITING) + (waits > MOST_WAITING ? 1 : 0)) * WAITING;
    const left = Math.max(0, (latest ?? 0) - now.peek());
    const ahead = Math.min(MOST_AHEAD, Math.max(AHEAD, left * scale.perSecond));
    return {
        waiting,
        // What has just begun is a line high, too, and so above the present itself.
        height: waiting + (running ? ahead + 1.5 * LINE : LINE / 2),
        perSecond: left > 0 ? Math.min(scale.perSecond, ahead / left) : 0,
    };
}

export function Drawing({ data, loadOlder, ...chosen }: Chosen & { data: Data; loadOlder: () => Promise<void> }) {
    const { choice, choose, until } = chosen;
    const element = useRef<HTMLDivElement>(null);
    const [{ layouts, scrolling }] = useState(() => ({
        layouts: new Layouts(newestOf(data)),
        scrolling: new Scrolling(until ?? now.peek()),
    }));
    const width = useWidth(element);

    const columns = useMemo(() => chosenOf(data, choice), [data, choice]);
    const commits = useMemo(() => data.commits.filter((commit) => commitMatches(commit, choice)), [data, choice]);
    const [usual] = useState(() => usualSpan(data));
    const named = SPANS.findIndex(({ name }) => name === choice.span);
    const span = named < 0 ? usual : named;
    const sizes = sizesFor(width, columns.length);
    const perSecond = SCREEN / (SPANS[span]?.seconds ?? 3600);
    const layout = layouts.make(columns, commits, perSecond, Math.max(1, Math.floor(sizes.column / LANE)));
    const { scale, lanes } = layout;
    const etas = useMemo(() => etasOf(data), [data]);
    const above = aboveOf(layout, latestOf(etas, lanes));
    const oldest = layout.oldest === undefined ? undefined : scale.place(layout.oldest);
    const sheet = useSheet(scrolling, element, above.height, oldest, () => ({
        scale,
        last: layout.last,
        running: layout.running,
        until,
        above: above.height,
        beside: sizes.beside,
        head: HEAD,
    }));

    const zoom = (to: number) => {
        const next = SPANS[Math.max(0, Math.min(SPANS.length - 1, to))];
        if (next) choose({ span: next.name });
    };
    const look = useSteady((builds: readonly Build[]) => {
        const starts = builds.map(({ start }) => start);
        const length = Math.max(...starts) - Math.min(...starts);
        // So that they are some lines apart.
        const closer = SPANS.findLastIndex(({ seconds }) => (length / seconds) * SCREEN >= builds.length * 2 * LINE);
        scrolling.holdTime(Math.max(...starts), HEAD);
        zoom(Math.min(Math.max(0, closer), span - 1));
    });
    const window = scrolling.window.value;
    const [first, end] = columnsBetween(lanes.length, sizes.column, window.left, window.right);
    const show = (box: Box, index: number) => {
        const top = Math.max(box.top, scrolling.present.peek());
        scrolling.show(top, box.bottom, index * sizes.column, (index + 1) * sizes.column);
    };
    const [stop, keys] = useStop(element, lanes, first, scrolling, show);
    const drawn = drawnLanes(lanes, first, end, stop);

    return (
        <section class="waterfall" aria-label="Waterfall">
            <Toolbar
                {...chosen}
                data={data}
                narrow={sizes.narrow}
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
                {counted(lanes)}
            </Toolbar>
            <div
                ref={element}
                class="scroller"
                role="region"
                aria-label="Builds by time"
                tabIndex={-1}
                onScroll={() => {
                    const left = scrolling.scrolled(oldest);
                    if (left !== undefined && left < NEAR && data.more) loadOlder().catch(() => undefined);
                }}
                {...keys}
            >
                <div
                    class={sizes.narrow ? "sheet narrow" : "sheet"}
                    style={{
                        "--column": `${sizes.column}px`,
                        gridTemplateColumns: `${sizes.beside}px ${lanes.length * sizes.column}px`,
                        gridTemplateRows: `${HEAD}px auto`,
                    }}
                >
                    <div class="corner">
                        <Corner top={scrolling.topTime} narrow={sizes.narrow} />
                    </div>
                    <div class="heads" role="list" aria-label="Builders">
                        {drawn.map(([lane, index]) => (
                            <Head key={lane.builder.id} lane={lane} left={index * sizes.column} />
                        ))}
                    </div>
                    <div class="side">
                        <div class="moving" ref={sheet.side}>
                            <Axis layout={layout} window={window} axis={sizes.axis} />
                        </div>
                    </div>
                    <div class="body" ref={sheet.body}>
                        <div class="moving" ref={sheet.columns}>
                            <TickLines scale={scale} window={window} />
                            {drawn.map(([lane, index]) => (
                                <ColumnView
                                    key={lane.builder.id}
                                    lane={lane}
                                    left={index * sizes.column}
                                    top={window.top}
                                    bottom={window.bottom}
                                    present={scrolling.present}
                                    etas={etas.get(lane.builder.id)}
                                    ahead={above.perSecond}
                                    stop={stop?.builder === lane.builder.id ? stop : undefined}
                                    look={look}
                                />
                            ))}
                            <FoldMarks scale={scale} window={window} present={scrolling.fold} />
                        </div>
                        <div class="now" style={{ top: `${above.height}px` }} />
                        {drawn.map(([lane, index]) => (
                            <WaitingView
                                key={lane.builder.id}
                                lane={lane}
                                left={index * sizes.column}
                                height={above.waiting}
                                most={MOST_WAITING}
                            />
                        ))}
                        <div class="foot" style={{ height: `${FOOT}px` }}>
                            {data.more ? <Older loadOlder={loadOlder} /> : <span>Nothing is older than this.</span>}
                        </div>
                    </div>
                </div>
                {lanes.length === 0 && (
                    <Empty title="No such builds among those that are loaded">
                        Choose something else above, or look further back.
                    </Empty>
                )}
            </div>
        </section>
    );
}

function Older({ loadOlder }: { loadOlder: () => Promise<void> }) {
    const [state, setState] = useState<"idle" | "loading" | "failed">("idle");
    const load = () => {
        setState("loading");
        loadOlder().then(
            () => setState("idle"),
            () => setState("failed"),
        );
    };
    return (
        <>
            {state === "failed" && <span role="alert">Older builds could not be loaded.</span>}
            <button type="button" class="button" disabled={state === "loading"} onClick={load}>
                {state === "loading" ? "Loading…" : "Load older builds"}
            </button>
        </>
    );
}

function counted(lanes: readonly Lane[]): string {
    const count = lanes.reduce((sum, { builds }) => sum + builds.length, 0);
    return `${count} builds of ${lanes.length} builders`;
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

/** Those that can be seen, and the one where the keyboard is: with their indexes. */
function drawnLanes(lanes: readonly Lane[], first: number, end: number, stop: Stop | undefined) {
    const drawn = lanes.slice(first, end).map((lane, index) => [lane, first + index] as const);
    const stopped = stop ? lanes.findIndex(({ builder }) => builder.id === stop.builder) : -1;
    const lane = lanes[stopped];
    if (lane && (stopped < first || stopped >= end)) drawn.push([lane, stopped]);
    return drawn;
}

/** A function that stays the same, and does what the newest one does. */
function useSteady<Given extends unknown[]>(does: (...given: Given) => void): (...given: Given) => void {
    const newest = useRef(does);
    useLayoutEffect(() => {
        newest.current = does;
    });
    return useState(
        () =>
            (...given: Given) =>
                newest.current(...given),
    )[0];
}

function useWidth(element: RefObject<HTMLDivElement | null>): number {
    const [width, setWidth] = useState(() => document.documentElement.clientWidth);
    useLayoutEffect(() => {
        const { current } = element;
        if (!current) return undefined;
        setWidth(current.clientWidth);
        const observer = new ResizeObserver(() => setWidth(current.clientWidth));
        observer.observe(current);
        return () => observer.disconnect();
    }, [element]);
    return width;
}

type Frame = Parameters<Scrolling["setFrame"]>[0];

/** What is drawn at fixed places moves as a whole, each second, with the present. */
function useSheet(
    scrolling: Scrolling,
    element: RefObject<HTMLDivElement | null>,
    above: number,
    oldest: number | undefined,
    frame: () => Frame,
) {
    const side = useRef<HTMLDivElement>(null);
    const columns = useRef<HTMLDivElement>(null);
    const body = useRef<HTMLDivElement>(null);
    const move = useSteady(() => {
        const offset = above - scrolling.present.peek();
        for (const { current } of [side, columns]) if (current) current.style.transform = `translateY(${offset}px)`;
        if (body.current) body.current.style.height = `${offset + (oldest ?? -offset) + FOOT}px`;
        scrolling.settle();
    });
    useLayoutEffect(() => {
        if (element.current) scrolling.attach(element.current);
        scrolling.setFrame(frame(), now.peek());
        move();
    });
    useSignalEffect(() => {
        scrolling.tick(now.value);
        move();
    });
    return { side, columns, body };
}

/** Where the keyboard is: one stop for all builds, from which arrows lead on. */
function useStop(
    element: RefObject<HTMLDivElement | null>,
    lanes: readonly Lane[],
    first: number,
    scrolling: Scrolling,
    show: (box: Box, lane: number) => void,
) {
    const [chosen, setChosen] = useState<Stop>();
    const going = useRef(false);
    useEffect(() => {
        if (!going.current || !chosen) return;
        going.current = false;
        element.current?.querySelector<HTMLElement>(`[data-build="${chosen.build}"]`)?.focus({ preventScroll: true });
    }, [element, chosen]);

    // A builder that is not shown any more has no stop.
    const kept = chosen && lanes.some(({ builder }) => builder.id === chosen.builder) ? chosen : undefined;
    const newest = lanes.slice(first).find(({ builds }) => builds.length > 0);
    const build = newest?.builds.at(-1);
    const stop = kept ?? (newest && build && { builder: newest.builder.id, build: build.id });
    const stopAt = (target: EventTarget | null) => {
        const link = target instanceof Element ? target.closest("[data-build]") : null;
        const column = link?.closest("[data-builder]");
        return link && column
            ? { builder: Number(column.getAttribute("data-builder")), build: Number(link.getAttribute("data-build")) }
            : undefined;
    };
    const keys = {
        onFocusIn: (event: FocusEvent) => {
            const at = stopAt(event.target);
            if (at && (at.build !== chosen?.build || at.builder !== chosen.builder)) setChosen(at);
        },
        onKeyDown: (event: KeyboardEvent) => {
            const at = stopAt(event.target);
            const next = at && goTo(event.key, lanes, at, scrolling.present.peek());
            if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
            event.preventDefault();
            going.current = true;
            setChosen({ builder: next.builder, build: next.build });
            show(next.box, next.lane);
        },
    };
    return [stop, keys] as const;
}
