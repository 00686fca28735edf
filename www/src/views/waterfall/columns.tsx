/** A column: its head, what waits, and its boxes. */
import type { ReadonlySignal } from "@preact/signals";
import { age, now } from "../../base/time";
import { ResultMark } from "../../widgets/marks";
import { BuildBox, SeveralBox } from "./boxes";
import { boxOf, type Stop } from "./keyboard";
import type { Lane } from "./layout";
import { memo } from "./memo";
import type { Build } from "./model";

/** In pixels: holds a number of a build, and how long it took. */
const WIDE = 130;

export const Head = memo(function Head({ lane, left }: { lane: Lane; left: number }) {
    const { builder, builds, waiting } = lane;
    const finished = builds.findLast(({ end }) => end !== Infinity);
    const running = builds.filter(({ end }) => end === Infinity).length;
    const state = [
        ...(running > 0 ? [`${running} running`] : []),
        ...(waiting.length > 0 ? [`${waiting.length} waiting`] : []),
    ].join(", ");
    return (
        <div class="head" role="listitem" style={{ left: `${left}px` }}>
            <a href={`builders/${builder.id}`} title={builder.name}>
                <bdi>{builder.name}</bdi>
            </a>
            <span class="state">
                {finished && <ResultMark status={finished.status} word={`last build: ${finished.status}`} />}
                <span>{state || (builder.active ? "idle" : "not configured")}</span>
            </span>
        </div>
    );
});

export const ColumnView = memo(function ColumnView(props: {
    lane: Lane;
    left: number;
    width: number;
    top: number;
    bottom: number;
    present: ReadonlySignal<number>;
    etas: ReadonlyMap<number, number> | undefined;
    /** How high what is expected is drawn, for each second. */
    ahead: number;
    /** Where the keyboard is, if it is in this column. */
    stop: Stop | undefined;
    look: (builds: readonly Build[]) => void;
}) {
    const { lane, left, width, top, bottom, present, etas, ahead, stop, look } = props;
    const { builder, builds, column } = lane;
    const boxes = column.between(top, bottom);
    // What has the focus stays, and where it is among the others, or the keyboard would be lost.
    const stopped = stop && boxOf(lane, stop);
    if (stopped && !boxes.includes(stopped)) boxes.splice(stopped.bottom > bottom ? 0 : boxes.length, 0, stopped);
    return (
        <div
            class="column"
            role="list"
            aria-label={builder.name}
            data-builder={builder.id}
            style={{ left: `${left}px` }}
        >
            {boxes.map((box) => {
                const build = builds[box.members[0] ?? -1];
                if (!build) return null;
                const common = { name: builder.name, box, present, isStop: box === stopped };
                return box.members.length === 1 ? (
                    <BuildBox
                        key={build.id}
                        build={build}
                        eta={etas?.get(build.id)}
                        ahead={ahead}
                        wide={width / box.lanes > WIDE}
                        {...common}
                    />
                ) : (
                    <SeveralBox key={build.id} builds={builds} look={look} {...common} />
                );
            })}
        </div>
    );
});

/** What waits, the next one lowest: as in a queue before the present. */
export const WaitingView = memo(function WaitingView(props: {
    lane: Lane;
    left: number;
    height: number;
    most: number;
}) {
    const { lane, left, height, most } = props;
    const { waiting, builder } = lane;
    if (waiting.length === 0) return null;
    const shown = waiting.slice(0, most);
    return (
        <div class="waits" style={{ left: `${left}px`, height: `${height}px` }}>
            {waiting.length > shown.length && (
                <a
                    href={`pending?text=${encodeURIComponent(builder.name)}`}
                >{`and ${waiting.length - shown.length} more`}</a>
            )}
            {shown.toReversed().map(({ id, since }) => (
                <a key={id} class="wait status-pending" href={`pending?text=${encodeURIComponent(builder.name)}`}>
                    <span class="mark" aria-hidden="true" />
                    <Waits since={since} />
                </a>
            ))}
        </div>
    );
});

function Waits({ since }: { since: number }) {
    return (
        <span>
            <span class="word">waiting </span>
            {age(since, now.value).replace(/ ago$/, "")}
        </span>
    );
}
