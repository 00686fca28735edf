/** How listeners are, from the rows of the API. */
import { compareNames } from "../../base/text";

export interface ConsumerFacts {
    readonly lag: number | null;
    readonly paused: boolean;
    readonly running: boolean;
    readonly waiting: number;
    readonly parked: number;
    readonly gaps: number;
    readonly replay_cursor: string | null;
}

/** In words; `bad`: somebody has to look at it. */
export function standing(consumer: ConsumerFacts): { readonly text: string; readonly bad: boolean } {
    const { lag, paused, running, replay_cursor } = consumer;
    if (!running) return { text: "no process runs it", bad: true };
    if (paused) return { text: "paused", bad: true };
    if (replay_cursor !== null) return { text: "replays", bad: false };
    if (lag === null) return { text: "starting", bad: false };
    return { text: lag > 0 ? "behind" : "up to date", bad: false };
}

/** Those that somebody has to look at come first, then by name. */
export function compareConsumers<Row extends ConsumerFacts & { readonly name: string }>(a: Row, b: Row): number {
    return Number(isBad(b)) - Number(isBad(a)) || compareNames(a.name, b.name);
}

function isBad(consumer: ConsumerFacts): boolean {
    return standing(consumer).bad || consumer.parked > 0;
}
