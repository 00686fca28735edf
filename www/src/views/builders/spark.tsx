/** How long the last builds took, drawn in a line's height. */
import { duration } from "../../base/time";
import type { Taken } from "./model";

const WIDTH = 80;
const HEIGHT = 20;
const EDGE = 2.5;

/** Points of a line from the oldest to the newest, as high as the longest lets them be; half of the shortest is at the bottom. */
export function pointsOf(seconds: readonly number[]): (readonly [x: number, y: number])[] {
    const floor = Math.min(...seconds) / 2;
    const most = Math.max(1, ...seconds) - floor;
    const step = (WIDTH - 2 * EDGE) / Math.max(1, seconds.length - 1);
    return seconds.map((each, index) => [
        Math.round((EDGE + index * step) * 10) / 10,
        Math.round((HEIGHT - EDGE - ((each - floor) / most) * (HEIGHT - 2 * EDGE)) * 10) / 10,
    ]);
}

export function Spark({ durations }: { durations: readonly Taken[] }) {
    if (durations.length < 2) return null;
    const points = pointsOf(durations.map(({ seconds }) => seconds));
    const [x, y] = points.at(-1) ?? [0, 0];
    const all = durations.map(({ seconds }) => seconds);
    const said = `The last ${durations.length} took ${duration(Math.min(...all))} to ${duration(Math.max(...all))}`;
    return (
        <svg
            class="spark"
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            width={WIDTH}
            height={HEIGHT}
            role="img"
            aria-label={said}
        >
            <title>{said}</title>
            <polyline points={points.join(" ")} />
            <circle cx={x} cy={y} r="2" />
        </svg>
    );
}
