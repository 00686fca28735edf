/** What stands beside the columns, and behind them: times, changes, and what is folded. */
import type { ReadonlySignal } from "@preact/signals";
import { duration, format, fullTime, now, shortClock } from "../../base/time";
import { CommitBox } from "./boxes";
import type { Layout } from "./layout";
import { memo } from "./memo";
import type { Fold, Scale } from "./scale";
import type { Window } from "./scrolling";
import { ticks } from "./ticks";

const DATE = { day: "numeric", month: "short" } as const;
const dateOnly = format(DATE);
const weekdayToo = format({ ...DATE, weekday: "short" });
const yearToo = format({ ...DATE, year: "numeric" });

/** The day at the upper edge. */
export function Corner({ day, narrow }: { day: ReadonlySignal<number>; narrow: boolean }) {
    const date = new Date(day.value * 1000);
    const thisYear = date.getFullYear() === new Date(now.peek() * 1000).getFullYear();
    return (
        <time dateTime={date.toISOString()}>
            {(thisYear ? (narrow ? dateOnly : weekdayToo) : yearToo)().format(date)}
        </time>
    );
}

export const Axis = memo(function Axis(props: { layout: Layout; top: number; bottom: number; axis: number }) {
    const { layout, top, bottom, axis } = props;
    const { scale, commits, commitColumn } = layout;
    return (
        <>
            {ticks(scale, top, bottom).map(({ time, place, day }) => (
                <time
                    key={time}
                    class={day ? "tick day" : "tick"}
                    dateTime={new Date(time * 1000).toISOString()}
                    style={{ top: `${place}px`, width: `${axis}px` }}
                >
                    {day ? weekdayToo().format(time * 1000) : shortClock(time)}
                </time>
            ))}
            <div class="commits" role="list" aria-label="Changes" style={{ left: `${axis}px` }}>
                {commitColumn.between(top, bottom).map((box) => (
                    <CommitBox key={commits[box.members[0] ?? 0]?.id} commits={commits} box={box} />
                ))}
            </div>
        </>
    );
});

export const TickLines = memo(function TickLines({
    scale,
    top,
    bottom,
}: {
    scale: Scale;
    top: number;
    bottom: number;
}) {
    return (
        <>
            {ticks(scale, top, bottom).map(({ time, place, day }) => (
                <div key={time} class={day ? "line day" : "line"} style={{ top: `${place}px` }} />
            ))}
        </>
    );
});

export function FoldMarks(props: { scale: Scale; window: Window; present: ReadonlySignal<Fold | undefined> }) {
    const { scale, window, present } = props;
    const inWindow = scale.folds.filter(({ top, bottom }) => top < window.bottom && bottom > window.top);
    const newest = present.value;
    return (
        <>
            {inWindow.map((fold) => (
                <FoldMark key={fold.from} fold={fold} />
            ))}
            {newest && <FoldMark key="present" fold={newest} />}
        </>
    );
}

function FoldMark({ fold: { from, to, top, bottom } }: { fold: Fold }) {
    return (
        <div
            class="fold"
            style={{ top: `${top}px`, height: `${bottom - top}px` }}
            title={`${fullTime(from)} to ${fullTime(to)}`}
        >
            <span>{`nothing for ${duration(to - from)}`}</span>
        </div>
    );
}
