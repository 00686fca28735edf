/** The runs of one test, made of its results. Pure. */
import { codeOf, type Built } from "../../base/code";
import type { Status } from "../../base/results";
import { outcomeOf, revisionText, STATUS_OF, type Failure, type Outcome } from "./model";
import type { RunsRow, SetRow } from "./queries";

export interface Run {
    readonly id: number;
    readonly number: number;
    readonly at: number;
    readonly outcome: Outcome;
    readonly status: Status;
    readonly revision: string;
    readonly code: string | undefined;
    readonly ns: number | null;
    readonly set: SetRow;
    readonly result: Failure;
}

type Result = Failure & {
    readonly test_result_set: (SetRow & { readonly build: (Built & BuildFacts) | null }) | null;
};

interface BuildFacts {
    readonly number: number;
    readonly started_at: number;
}

/** Of all that have the name, the newest first. Those whose build is gone are left out. */
export function runsFrom(rows: readonly RunsRow[]): Run[] {
    const results = rows.flatMap((row) => row.results as readonly unknown[] as readonly Result[]);
    return results
        .flatMap((result) => {
            const { test_result_set: set } = result;
            if (!set?.build) return [];
            const { build } = set;
            const outcome = outcomeOf(set, result.value);
            return [
                {
                    id: result.test_resultid,
                    number: build.number,
                    at: build.started_at,
                    outcome,
                    status: STATUS_OF[outcome],
                    revision: revisionText(build),
                    code: codeOf(build),
                    ns: result.duration_ns,
                    set,
                    result,
                },
            ];
        })
        .sort((a, b) => b.number - a.number || b.id - a.id);
}
