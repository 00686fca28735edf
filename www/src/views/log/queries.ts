/** What the page of a log asks for: all in one request. Its lines and what follows come through LogText. */
import type { BuilderPart, BuildPart, StepPart } from "../../api/generated";
import { live, type LiveQuery } from "../../api/live";
import type { Range } from "./geometry";

/** Lines of the head and of the tail, and around a line that the address names. */
const LINES = 200;

export interface Names {
    readonly builder: string;
    readonly number: string;
    readonly step: string;
    readonly slug: string;
}

export function queriesOf({ builder, number, step, slug }: Names, lines: Range | undefined) {
    const [b, s, l] = [builder, step, slug].map(encodeURIComponent);
    const logs = `builders/${b}/builds/${number}/steps/${s}/logs` as "builders/1/builds/1/steps/1/logs";
    const path = `${logs}/${l}` as "builders/1/builds/1/steps/1/logs/1";
    const contents = `${path}/contents` as const;
    const around = Math.max(0, (lines?.first ?? 0) - LINES / 2);
    return {
        // A step's number is none by which its events could be asked for.
        log: live(path, { expand: ["step", "step.build", "step.build.builder"] }, { topic: false }),
        logs: live(logs, { field: ["logid", "name", "slug", "num_lines"], limit: 100 }, { topic: false }),
        head: live(contents, { limit: LINES }, { topic: false }),
        tail: live(contents, { offset: -LINES }, { topic: false }),
        around: live(contents, { offset: around, limit: LINES }, { topic: false }),
    };
}

/** Of a log that is not complete, how the step does. */
export function stepOf(stepid: number) {
    return live(`steps/${stepid}` as "steps/1", { field: ["stepid", "results", "complete"] });
}

type Queries = ReturnType<typeof queriesOf>;
type Row<Name extends keyof Queries> = Queries[Name] extends LiveQuery<infer Found> ? Found : never;
export type LogRow = Row<"log">;
export type OtherLogRow = Row<"logs">;

/** What is embedded in the log, which its type does not say of all. */
export interface Above {
    readonly step: Required<Pick<StepPart, "stepid" | "number" | "name" | "results" | "complete">>;
    readonly build: Required<Pick<BuildPart, "builderid" | "number" | "results">>;
    readonly builder: Required<Pick<BuilderPart, "builderid" | "name">>;
}

export function aboveOf(log: LogRow): Above | undefined {
    const step = log.step as StepPart | null;
    const builder = step?.build?.builder;
    return step?.build && builder ? ({ step, build: step.build, builder } as Above) : undefined;
}
