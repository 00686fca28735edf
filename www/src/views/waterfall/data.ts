/** The rows of the API, kept right by events, as what the waterfall shows. */
import { isDeserted } from "../../base/masters";
import { useLive } from "../../widgets/live";
import { useMade, type Made } from "../../widgets/made";
import type { Shown } from "./layout";
import { builderOf, byBuilder, commitOf, type Commit, type Waiting } from "./model";
import { queriesOf, type BuilderRow, type ChangeRow, type EstimateRow, type WaitingRow } from "./queries";

/** Milliseconds between two drawings: what happens in between is drawn together. */
const PACE = 120;

export interface Data extends Shown {
    readonly commits: readonly Commit[];
    /** When running builds will be complete, of those that ran when the page was loaded. */
    readonly told: ReadonlyMap<number, number>;
    /** There are older builds. */
    readonly more: boolean;
}

export interface Loading extends Made<Data> {
    /** Ask for the next page of builds, and of changes as far back. */
    readonly loadOlder: () => Promise<void>;
}

const allBuilders = keeping((rows: readonly BuilderRow[]) => rows.map((row) => builderOf(row, false)));
const allLeft = keeping((rows: readonly BuilderRow[]) => rows.map((row) => builderOf(row, true)));
const allCommits = keeping((rows: readonly ChangeRow[]) => rows.map(commitOf));
const allEstimates = keeping(
    (rows: readonly EstimateRow[]) =>
        new Map(rows.flatMap(({ buildid, eta }) => (typeof eta === "number" ? [[buildid, eta] as const] : []))),
);
const allWaiting = keeping((rows: readonly WaitingRow[]) => {
    const found = new Map<number, Waiting[]>();
    for (const { builderid, buildrequestid, submitted_at } of rows) {
        const others = found.get(builderid);
        const waiting = { id: buildrequestid, since: submitted_at };
        if (others) others.push(waiting);
        else found.set(builderid, [waiting]);
    }
    return found;
});

/** Mount what uses it anew for another time. */
export function useWaterfall(until: number | undefined): Loading {
    const lists = useLive(queriesOf(until));
    const { builders, builds, estimates, waiting, changes, masters } = lists;
    const made = useMade(Object.values(lists), PACE, () => ({
        builders: (isDeserted(masters.rows.peek()) ? allLeft : allBuilders)(builders.rows.peek()),
        builds: byBuilder(builds.rows.peek(), masters.rows.peek()),
        waiting: allWaiting(until === undefined ? waiting.rows.peek() : []),
        commits: allCommits(changes.rows.peek()),
        told: allEstimates(until === undefined ? estimates.rows.peek() : []),
        more: builds.more.peek(),
    }));

    const loadOlder = async () => {
        await builds.loadMore();
        const oldest = builds.rows.peek().at(-1)?.started_at ?? 0;
        const known = changes.rows.peek().at(-1)?.when_timestamp ?? 0;
        if (known > oldest) await changes.loadMore();
    };
    return { ...made, loadOlder };
}

/** What is made of a list, kept for as long as the list is. */
function keeping<Row, Made>(make: (rows: readonly Row[]) => Made): (rows: readonly Row[]) => Made {
    const kept = new WeakMap<readonly Row[], Made>();
    return (rows) => {
        let made = kept.get(rows);
        if (!made) kept.set(rows, (made = make(rows)));
        return made;
    };
}
