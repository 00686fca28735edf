/** The sheet that is scrolled both ways, of which only what can be seen is there. */
import { useSignalEffect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { fullTime, now } from "../../base/time";
import { Empty } from "../../widgets/problem";
import { Axis, Corner, FoldMarks, TickLines } from "./axis";
import { ColumnView, Head, WaitingView } from "./columns";
import { columnsBetween, type Box } from "./geometry";
import { useSeen, useSteady } from "./hooks";
import { goTo, type Stop } from "./keyboard";
import type { Lane } from "./layout";
import { memo } from "./memo";
import type { Build } from "./model";
import { FOOT, HEAD, MOST_WAITING, type Picture } from "./picture";
import { spanOf, type Scrolling } from "./scrolling";

/** Older builds are asked for when somebody has scrolled so near to the end. */
const NEAR = 600;

export const Sheet = memo(function Sheet(props: {
    element: RefObject<HTMLDivElement | null>;
    picture: Picture;
    scrolling: Scrolling;
    /** Show some builds from nearer. */
    look: (builds: readonly Build[]) => void;
    loadOlder: () => Promise<void>;
    /** Of all builders, whatever they built. */
    showAll: () => void;
}) {
    const { element, picture, scrolling, look, loadOlder, showAll } = props;
    const { layout, sizes, above, etas, more, oldest } = picture;
    const { scale, lanes } = layout;
    const sheet = useMoving(picture, scrolling, element);
    // The first time of day takes a browser some 20 ms to write: builds are seen without waiting for that.
    const isSeen = useSeen();
    useEffect(() => {
        if (isSeen) scrolling.drawAround();
    }, [isSeen, scrolling]);
    const window = scrolling.window.value;
    const [first, end] = columnsBetween(lanes.length, sizes.column, window.left, window.right);
    const show = (box: Box, index: number) => {
        const top = Math.max(box.top, scrolling.present.peek());
        scrolling.show(top, box.bottom, index * sizes.column, (index + 1) * sizes.column);
    };
    const [stop, keys] = useStop(element, lanes, first, scrolling, show);
    const drawn = drawnLanes(lanes, first, end, stop);
    const scrolled = () => {
        const left = scrolling.scrolled(oldest);
        // It is said at the foot, where one can try again.
        if (left !== undefined && left < NEAR && more) loadOlder().catch(() => undefined);
    };

    return (
        <div
            ref={element}
            class="scroller"
            role="region"
            aria-label="Builds by time"
            tabIndex={-1}
            onScroll={scrolled}
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
                <div class="corner">{isSeen && <Corner day={scrolling.topDay} narrow={sizes.narrow} />}</div>
                <div class="heads" role="list" aria-label="Builders">
                    {drawn.map(([lane, index]) => (
                        <Head key={lane.builder.id} lane={lane} left={index * sizes.column} />
                    ))}
                </div>
                <div class="side">
                    <div class="moving" ref={sheet.side}>
                        {isSeen && <Axis layout={layout} {...spanOf(window, 0)} axis={sizes.axis} />}
                    </div>
                </div>
                <div class="body" ref={sheet.body}>
                    <div class="now" style={{ top: `${above.height}px` }} />
                    <div class="moving" ref={sheet.columns}>
                        <TickLines scale={scale} {...spanOf(window, 1)} />
                        <FoldMarks scale={scale} window={window} present={scrolling.fold} />
                        {drawn.map(([lane, index]) => (
                            <ColumnView
                                key={lane.builder.id}
                                lane={lane}
                                left={index * sizes.column}
                                width={sizes.column}
                                {...spanOf(window, index)}
                                present={scrolling.present}
                                etas={etas.get(lane.builder.id)}
                                ahead={above.perSecond}
                                stop={stop?.builder === lane.builder.id ? stop : undefined}
                                look={look}
                            />
                        ))}
                    </div>
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
                        {more ? <Older loadOlder={loadOlder} /> : <span>Nothing is older than this.</span>}
                    </div>
                </div>
            </div>
            {lanes.length === 0 ? (
                <Empty title="No such builds among those that are loaded">
                    {more && <p>There may be some further back.</p>}
                    <button type="button" class="button" onClick={showAll}>
                        Show all
                    </button>
                </Empty>
            ) : (
                lanes.every(({ builds }) => builds.length === 0) &&
                !more && (
                    <Empty
                        title={
                            picture.until === undefined
                                ? "None of these builders has built anything yet"
                                : `None of these builders had built anything by ${fullTime(picture.until)}`
                        }
                    />
                )
            )}
        </div>
    );
});

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

/** Those that can be seen, and the one where the keyboard is: with their indexes. */
function drawnLanes(lanes: readonly Lane[], first: number, end: number, stop: Stop | undefined) {
    const drawn = lanes.slice(first, end).map((lane, index) => [lane, first + index] as const);
    const stopped = stop ? lanes.findIndex(({ builder }) => builder.id === stop.builder) : -1;
    const lane = lanes[stopped];
    if (lane && stopped < first) drawn.unshift([lane, stopped]);
    if (lane && stopped >= end) drawn.push([lane, stopped]);
    return drawn;
}

/** What is drawn at fixed places moves as a whole, each second, with the present. */
function useMoving(picture: Picture, scrolling: Scrolling, element: RefObject<HTMLDivElement | null>) {
    const { layout, above, oldest, sizes, until } = picture;
    const side = useRef<HTMLDivElement>(null);
    const columns = useRef<HTMLDivElement>(null);
    const body = useRef<HTMLDivElement>(null);
    const move = useSteady(() => {
        const offset = above.height - scrolling.present.peek();
        for (const { current } of [side, columns]) if (current) current.style.transform = `translateY(${offset}px)`;
        if (body.current) body.current.style.height = `${offset + (oldest ?? -offset) + FOOT}px`;
        scrolling.settle();
    });
    // Before the first drawing, so that it has what can be seen then.
    useState(() => setFrame());
    useLayoutEffect(() => {
        if (element.current) scrolling.attach(element.current);
        setFrame();
        move();
        // eslint-disable-next-line react-hooks/exhaustive-deps -- the others stay the same
    }, [picture]);
    useSignalEffect(() => {
        scrolling.tick(now.value);
        move();
    });
    return { side, columns, body };

    function setFrame() {
        const { scale, last, running } = layout;
        const frame = { scale, last, running, until, above: above.height, beside: sizes.beside, head: HEAD };
        scrolling.setFrame(frame, now.peek());
    }
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
    // Keys may come faster than what they lead to is drawn.
    const going = useRef<Stop>(undefined);
    useEffect(() => {
        if (!chosen || going.current !== chosen) return;
        going.current = undefined;
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
    // A box that comes together with others is another element then: the keyboard stays in it.
    const held = stopAt(document.activeElement);
    useLayoutEffect(() => {
        if (!held || document.activeElement !== document.body) return;
        element.current?.querySelector<HTMLElement>("[data-build][tabindex='0']")?.focus({ preventScroll: true });
    });
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
            going.current = { builder: next.builder, build: next.build };
            setChosen(going.current);
            show(next.box, next.lane);
        },
    };
    return [stop, keys] as const;
}
