/** From build to build by the arrow keys. */
import type { Box } from "./geometry";
import type { Lane } from "./layout";

/** Where the keyboard is: in a box, named by the first of its builds. */
export interface Stop {
    readonly builder: number;
    readonly build: number;
}

export interface Target extends Stop {
    readonly box: Box;
    /** The index of its column. */
    readonly lane: number;
}

/** The box that a stop is in now: builds come together and part as one zooms. */
export function boxOf(lane: Lane, stop: Stop): Box | undefined {
    const member = lane.builds.findIndex(({ id }) => id === stop.build);
    return lane.column.boxes[lane.column.holding(member)];
}

/** Where a key leads to: up to what is newer, left and right to what was then; undefined: nowhere. */
export function goTo(key: string, lanes: readonly Lane[], stop: Stop, present: number): Target | undefined {
    const index = lanes.findIndex(({ builder }) => builder.id === stop.builder);
    const lane = lanes[index];
    if (!lane) return undefined;
    const { boxes } = lane.column;
    const box = boxOf(lane, stop);
    const at = box ? boxes.indexOf(box) : -1;
    switch (key) {
        case "ArrowUp":
            return target(lanes, index, Math.min(at + 1, boxes.length - 1));
        case "ArrowDown":
            return target(lanes, index, Math.max(at - 1, 0));
        case "Home":
            return target(lanes, index, boxes.length - 1);
        case "End":
            return target(lanes, index, 0);
        case "ArrowLeft":
        case "ArrowRight": {
            if (!box) return undefined;
            const place = (Math.max(box.top, present) + box.bottom) / 2;
            const by = key === "ArrowLeft" ? -1 : 1;
            for (let other = index + by; other >= 0 && other < lanes.length; other += by) {
                const nearest = lanes[other]?.column.nearest(place, present) ?? -1;
                if (nearest >= 0) return target(lanes, other, nearest);
            }
            return undefined;
        }
        default:
            return undefined;
    }
}

function target(lanes: readonly Lane[], index: number, at: number): Target | undefined {
    const lane = lanes[index];
    const box = lane?.column.boxes[at];
    const build = lane?.builds[box?.members[0] ?? -1];
    return lane && box && build && { builder: lane.builder.id, build: build.id, box, lane: index };
}
