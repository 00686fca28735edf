/**
 * Rows and columns with a link where they cross. What is seen is drawn, and no more; the head row and the first column stay
 * where they are. The keyboard stops at one cell, and goes from there with the arrows.
 */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Status } from "../../base/results";
import { Axis, beside, first, scrolled, type Cells, type Place } from "./geometry";
import "./matrix.css";

export interface Line {
    readonly key: string;
    /** In pixels: a row's height, or a column's width. */
    readonly size: number;
    readonly head: () => ComponentChildren;
    /** What belongs to it, for the look. */
    readonly class?: string | undefined;
    /** Stands below a row, as high as it says. */
    readonly below?: { readonly size: number; readonly content: () => ComponentChildren } | undefined;
}

export interface Cell {
    readonly status: Status;
    readonly href: string;
    /** All of it, for those who listen, or point at it. */
    readonly name: string;
    /** Beside the mark. */
    readonly text?: string | undefined;
    /** Beside the mark, smaller: how many there are, where not one. */
    readonly count?: number | undefined;
    readonly class?: string | undefined;
}

interface Props {
    readonly label: string;
    readonly rows: readonly Line[];
    readonly columns: readonly Line[];
    readonly cell: (row: number, column: number) => Cell | undefined;
    /** Whether there is a cell, where that is quicker to say. */
    readonly has: (row: number, column: number) => boolean;
    /** Above the first column. */
    readonly corner: ComponentChildren;
    /** In pixels: the first column's width, and the head row's height. */
    readonly aside: number;
    readonly top: number;
    /** The key of a row that is to be seen at first. */
    readonly reveal?: string | undefined;
    /** Somebody has scrolled near the end of the rows, or of the columns. */
    readonly onEnd: (axis: "rows" | "columns") => void;
}

/** Lines that are drawn beyond what is seen. */
const MORE = 2;
/** Lines by which it is seen whether what one looks at has moved. */
const ANCHORS = 5;
/** Pixels from the end at which it is near. */
const NEAR = 400;

interface View {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
}

export function Matrix({ label, rows, columns, cell, has, corner, aside, top, reveal, onEnd }: Props) {
    const scroller = useRef<HTMLDivElement>(null);
    const [view, setView] = useState<View>({ x: 0, y: 0, width: innerWidth, height: innerHeight });
    const [active, setActive] = useState<{ row: string; column: string }>();
    const focusing = useRef(false);

    const down = useMemo(() => new Axis(rows.map(({ size, below }) => size + (below?.size ?? 0))), [rows]);
    const across = useMemo(() => new Axis(columns.map(({ size }) => size)), [columns]);
    const [seenWidth, seenHeight] = [Math.max(0, view.width - aside), Math.max(0, view.height - top)];
    const [firstRow, endRow] = down.seen(view.y, view.y + seenHeight, MORE);
    const [firstColumn, endColumn] = across.seen(view.x, view.x + seenWidth, MORE);

    useLayoutEffect(() => {
        const element = scroller.current;
        if (!element) return undefined;
        const measure = () => setView((before) => newer(before, viewOf(element)));
        const row = rows.findIndex(({ key }) => key === reveal);
        if (row > 0) element.scrollTop = down.start(row);
        measure();
        const observer = new ResizeObserver(measure);
        observer.observe(element);
        return () => observer.disconnect();
        // eslint-disable-next-line react-hooks/exhaustive-deps -- only at first: after that one scrolls oneself
    }, []);
    useAnchor(scroller, rows, down, columns, across);

    const cells: Cells = { rows: rows.length, columns: columns.length, has };
    const stop = placeOf(active, rows, columns, has) ?? first(cells);

    // At once: later it would be done by what was drawn before the key.
    useLayoutEffect(() => {
        if (!focusing.current || !stop) return;
        focusing.current = false;
        scroller.current
            ?.querySelector<HTMLElement>(`[data-at="${stop.row}:${stop.column}"]`)
            ?.focus({ preventScroll: true });
    });

    function onScroll() {
        const element = scroller.current;
        if (!element) return;
        const now = viewOf(element);
        setView((before) => newer(before, now));
        if (now.y > 0 && now.y + now.height > element.scrollHeight - NEAR) onEnd("rows");
        if (now.x > 0 && now.x + now.width > element.scrollWidth - NEAR) onEnd("columns");
    }

    function onFocus({ target }: FocusEvent) {
        const place = placeAt(target);
        if (place) activate(place);
    }

    function onKeyDown(event: KeyboardEvent) {
        const from = placeAt(event.target);
        const element = scroller.current;
        if (!from || !element || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
        const page = Math.max(1, endRow - firstRow - 2 * MORE - 1);
        const to = beside(cells, from, event.key, page);
        if (!to) return;
        event.preventDefault();
        element.scrollTop = scrolled(down, to.row, element.scrollTop, element.clientHeight - top);
        element.scrollLeft = scrolled(across, to.column, element.scrollLeft, element.clientWidth - aside);
        setView((before) => newer(before, viewOf(element)));
        focusing.current = true;
        activate(to);
    }

    function activate({ row, column }: Place) {
        const [of, at] = [rows[row], columns[column]];
        if (of && at) setActive({ row: of.key, column: at.key });
    }

    const drawnColumns = columns.slice(firstColumn, endColumn);
    return (
        <div
            class="matrix"
            role="region"
            aria-label={label}
            ref={scroller}
            tabIndex={stop ? undefined : 0}
            style={{ "--aside": `${aside}px`, "--top": `${top}px` }}
            onScroll={onScroll}
            onKeyDown={onKeyDown}
            onFocusCapture={onFocus}
        >
            <div class="matrix-sheet" style={{ width: `${aside + across.total}px`, height: `${top + down.total}px` }}>
                <div class="matrix-heads">
                    <div class="matrix-corner">{corner}</div>
                    {drawnColumns.map(({ key, size, head, class: classes = "" }, index) => (
                        <div
                            key={key}
                            class={`matrix-head ${classes}`}
                            style={{ left: `${aside + across.start(firstColumn + index)}px`, width: `${size}px` }}
                        >
                            {head()}
                        </div>
                    ))}
                </div>
                {rows.slice(firstRow, endRow).map(({ key, size, head, below, class: classes = "" }, index) => {
                    const row = firstRow + index;
                    return (
                        <div
                            key={key}
                            class={`matrix-row ${classes}`}
                            style={{ top: `${top + down.start(row)}px`, "--row": `${size}px` }}
                        >
                            <div class="matrix-aside">{head()}</div>
                            {drawnColumns.map((line, at) => {
                                const column = firstColumn + at;
                                const found = cell(row, column);
                                return (
                                    found && (
                                        <CellLink
                                            key={line.key}
                                            {...found}
                                            at={`${row}:${column}`}
                                            left={aside + across.start(column)}
                                            width={line.size}
                                            stop={stop?.row === row && stop.column === column}
                                        />
                                    )
                                );
                            })}
                            {below && (
                                <div
                                    class="matrix-below"
                                    style={{ height: `${below.size}px`, width: `${view.width}px` }}
                                >
                                    {below.content()}
                                </div>
                            )}
                        </div>
                    );
                })}
            </div>
        </div>
    );
}

function CellLink({
    status,
    href,
    name,
    text,
    count,
    class: classes = "",
    at,
    left,
    width,
    stop,
}: Cell & { at: string; left: number; width: number; stop: boolean }) {
    return (
        <a
            class={`cell status-${status} ${classes}`}
            href={href}
            aria-label={name}
            title={name}
            data-at={at}
            data-count={count}
            tabIndex={stop ? 0 : -1}
            style={{ left: `${left}px`, width: `${width}px` }}
        >
            {text}
        </a>
    );
}

/** What comes in before what is seen moves nothing of it, unless one looks at the very beginning. */
function useAnchor(
    scroller: { readonly current: HTMLDivElement | null },
    rows: readonly Line[],
    down: Axis,
    columns: readonly Line[],
    across: Axis,
) {
    const before = useRef({ rows, down, columns, across });
    useLayoutEffect(() => {
        const element = scroller.current;
        const last = before.current;
        before.current = { rows, down, columns, across };
        if (!element) return;
        const y = moved(last.rows, last.down, rows, down, element.scrollTop);
        const x = moved(last.columns, last.across, columns, across, element.scrollLeft);
        if (y !== 0) element.scrollTop += y;
        if (x !== 0) element.scrollLeft += x;
    }, [scroller, rows, down, columns, across]);
}

/** How far most of the lines at a place have moved: a single one may have gone elsewhere. */
function moved(before: readonly Line[], was: Axis, now: readonly Line[], is: Axis, place: number): number {
    if (place <= 0 || before === now) return 0;
    const index = was.at(place);
    const places = new Map(now.map(({ key }, at) => [key, at]));
    const shifts = before
        .slice(index, index + ANCHORS)
        .flatMap(({ key }, at) => {
            const found = places.get(key);
            return found === undefined ? [] : [is.start(found) - was.start(index + at)];
        })
        .sort((a, b) => a - b);
    return shifts[shifts.length >> 1] ?? 0;
}

function viewOf(element: HTMLElement): View {
    return { x: element.scrollLeft, y: element.scrollTop, width: element.clientWidth, height: element.clientHeight };
}

function newer(before: View, now: View): View {
    const same = before.x === now.x && before.y === now.y && before.width === now.width && before.height === now.height;
    return same ? before : now;
}

function placeAt(target: EventTarget | null): Place | undefined {
    const at = target instanceof HTMLElement ? target.dataset["at"] : undefined;
    const [row, column] = at?.split(":").map(Number) ?? [];
    return row === undefined || column === undefined ? undefined : { row, column };
}

function placeOf(
    active: { row: string; column: string } | undefined,
    rows: readonly Line[],
    columns: readonly Line[],
    has: Cells["has"],
): Place | undefined {
    if (!active) return undefined;
    const row = rows.findIndex(({ key }) => key === active.row);
    const column = columns.findIndex(({ key }) => key === active.column);
    return row >= 0 && column >= 0 && has(row, column) ? { row, column } : undefined;
}

export interface Sizes {
    /** Of a cell that has a mark alone, in pixels: large enough for what points at it. */
    readonly cell: number;
    /** Whether a finger does. */
    readonly coarse: boolean;
}

export function sizes(): Sizes {
    const coarse = matchMedia("(pointer: coarse)").matches;
    const root = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    return { cell: (root / 16) * (coarse ? 44 : 32), coarse };
}
