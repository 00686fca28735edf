import { useMemo } from "preact/hooks";
import { oneOf, textOf } from "../../base/queryState";
import { FILTER } from "../../widgets/filters";
import { Empty, Problem, Skeleton } from "../../widgets/problem";
import { useQueryState } from "../../widgets/query";
import { useWaterfall } from "./data";
import { Drawing } from "./drawing";
import { SPANS } from "./scale";
import "./page.css";

/** Beside the filter: how much time a screen shows, by its name, and what time is on top. */
const CHOICES = {
    ...FILTER,
    span: oneOf("", ...SPANS.map(({ name }) => name)),
    until: textOf((text) => Number.isFinite(Date.parse(text)), "a time, such as 2026-12-31T12:00Z"),
} as const;

export default function WaterfallPage() {
    const [choice, choose] = useQueryState(CHOICES);
    const time = useMemo(() => pastTime(choice.until), [choice.until]);
    return <Waterfall key={time ?? "present"} choice={choice} choose={choose} until={time} />;
}

/** What is still to come is the present. */
function pastTime(text: string): number | undefined {
    const time = Date.parse(text);
    return time < Date.now() ? time / 1000 : undefined;
}

export type Choice = ReturnType<typeof useQueryState<typeof CHOICES>>[0];

export interface Chosen {
    readonly choice: Choice;
    readonly choose: (changed: Partial<Choice>) => void;
    /** The time on top, in seconds since the epoch; undefined: the present. */
    readonly until: number | undefined;
}

function Waterfall(chosen: Chosen) {
    const { data, error, loadOlder } = useWaterfall(chosen.until);
    const found = data.value;
    if (error.value && !found) return <Problem error={error.value} />;
    if (!found) return <Skeleton lines={8} times={false} />;
    if (found.builders.length === 0) {
        return (
            <Empty title="There are no builders">
                They appear here as soon as a master that uses this database has some in its configuration.
            </Empty>
        );
    }
    return <Drawing {...chosen} data={found} loadOlder={loadOlder} />;
}
