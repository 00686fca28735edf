/** How long builds took, and how many went well. */
import { useMemo, useState } from "preact/hooks";
import { STATUSES } from "../../base/results";
import { clockTime, duration, minute } from "../../base/time";
import { Ends } from "../../widgets/ends";
import { Badge } from "../../widgets/marks";
import { useRouter } from "../../widgets/router";
import { Age } from "../../widgets/times";
import { barsPath, durationsOf, percent, periodsOf, rateOf, type Bar, type Period } from "./geometry";
import type { TrendRow } from "./queries";

/** As many bars as can be told apart, and hit. */
const BARS = 150;
const PERIODS = 40;

export function Charts({ id, rows }: { id: number; rows: readonly TrendRow[] }) {
    return (
        <div class="charts">
            <Durations id={id} rows={rows} />
            <SuccessRate rows={rows} />
        </div>
    );
}

function Durations({ id, rows }: { id: number; rows: readonly TrendRow[] }) {
    const { bars, good, median, ticks } = useMemo(() => durationsOf(rows, BARS), [rows]);
    const [at, point] = useState<number>();
    const router = useRouter();
    const pointed = at === undefined ? undefined : bars[at];
    const last = bars.at(-1);
    if (!last) return null;

    function pointAt({ currentTarget, clientX }: PointerEvent) {
        if (!(currentTarget instanceof Element)) return;
        const { left, width } = currentTarget.getBoundingClientRect();
        point(Math.min(bars.length - 1, Math.max(0, Math.floor(((clientX - left) / width) * bars.length))));
    }

    function press(event: KeyboardEvent) {
        const moves: Partial<Record<string, number>> = {
            ArrowLeft: (at ?? bars.length) - 1,
            ArrowRight: (at ?? bars.length - 2) + 1,
            Home: 0,
            End: bars.length - 1,
        };
        const move = moves[event.key];
        if (move !== undefined) point(Math.min(bars.length - 1, Math.max(0, move)));
        else if (event.key === "Enter" && pointed) router.navigate(`builders/${id}/builds/${pointed.number}`);
        else return;
        event.preventDefault();
    }

    const present = minute.peek();
    const said = `How long the last ${bars.length > 1 ? `${bars.length} builds` : "build"} took`;
    return (
        <figure class="chart" style={{ "--bars": bars.length }}>
            <figcaption>
                <h3>Duration</h3>
                <span class="readout" aria-live="polite">
                    {pointed ? (
                        <Readout id={id} bar={pointed} />
                    ) : (
                        <Usual median={median} good={good} all={bars.length} />
                    )}
                </span>
            </figcaption>
            <div class="plot">
                {ticks.map(({ seconds, height }) => (
                    <span key={seconds} class="tick" style={{ bottom: `${height * 100}%` }}>
                        <span>{whole(seconds)}</span>
                    </span>
                ))}
                {/* Arrows go along it, so it can have the focus; what is pointed at is read out above. */}
                <div
                    class="bars"
                    role="slider"
                    tabIndex={0}
                    aria-label={said}
                    aria-valuemin={bars[0]?.number ?? 0}
                    aria-valuemax={last.number}
                    aria-valuenow={(pointed ?? last).number}
                    aria-valuetext={words(pointed ?? last)}
                    onPointerMove={pointAt}
                    onPointerDown={pointAt}
                    onPointerLeave={(event) => event.pointerType === "mouse" && point(undefined)}
                    onClick={({ detail }) =>
                        // Where there is no pointer that hovers, the first touch says what it is; the readout has the link.
                        pointed && detail > 0 && matchMedia("(hover: hover)").matches
                            ? router.navigate(`builders/${id}/builds/${pointed.number}`)
                            : undefined
                    }
                    onKeyDown={press}
                >
                    <svg viewBox={`0 0 ${bars.length} 1`} preserveAspectRatio="none" aria-hidden="true">
                        {at !== undefined && <rect class="pointed" x={at} y="0" width="1" height="1" />}
                        {STATUSES.map((status) => {
                            const path = barsPath(bars, status);
                            return path && <path key={status} class={`status-${status}`} d={path} />;
                        })}
                    </svg>
                </div>
            </div>
            <Ends from={clockTime((bars[0] ?? last).at, present)} to={clockTime(last.at, present)} />
        </figure>
    );
}

function words({ number, status, seconds }: Bar): string {
    return `#${number}, ${status}, ${duration(seconds)}`;
}

function Readout({ id, bar: { number, status, seconds, at } }: { id: number; bar: Bar }) {
    return (
        <>
            <a href={`builders/${id}/builds/${number}`}>#{number}</a> <Badge status={status} /> {duration(seconds)},{" "}
            <Age at={at} />
        </>
    );
}

/** What one build took is not what is usual. */
function Usual({ median, good, all }: { median: number | undefined; good: number; all: number }) {
    if (median === undefined) return <>{all === 1 ? "The only one did not go" : `None of the last ${all} went`} well</>;
    if (good > 1) return <>{`Usually ${duration(median)}, of the last ${all}`}</>;
    return <>{`${duration(median)}, the only one${all > 1 ? ` of the last ${all} that went well` : ""}`}</>;
}

/** A round length, without the unit that it has none of. */
function whole(seconds: number): string {
    return duration(seconds).replace(/ 0+ [a-z]$/, "");
}

function SuccessRate({ rows }: { rows: readonly TrendRow[] }) {
    const present = minute.value;
    const periods = useMemo(() => periodsOf(rows, present, PERIODS), [rows, present]);
    const rate = rateOf(periods);
    const [first] = periods;
    if (rate === undefined || !first) return null;
    return (
        <figure class="chart" style={{ "--bars": periods.length }}>
            <figcaption>
                <h3>Success rate</h3>
                <span class="readout">
                    {rate}
                    {periods.length > 1 && `, each bar ${whole(first.length)}`}
                </span>
            </figcaption>
            <div class="plot">
                <ol class="rates">
                    {periods.map((period) => (
                        <Rate key={period.from} {...period} />
                    ))}
                </ol>
            </div>
            <Ends from={clockTime(first.from, present)} to={clockTime(present, present)} />
        </figure>
    );
}

function Rate({ from, good, bad }: Period) {
    const all = good + bad;
    const said =
        all === 0
            ? "no build"
            : `${percent(good / all)}: ${good} good, ${bad} failed, from ${clockTime(from, minute.peek())}`;
    return (
        <li title={said} class={all === 0 ? "none" : ""}>
            <span class="heard">{said}</span>
            {bad > 0 && <span class="status-failure" style={{ flexGrow: bad }} />}
            {good > 0 && <span class="status-success" style={{ flexGrow: good }} />}
        </li>
    );
}
