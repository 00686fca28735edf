import { expect, test } from "vitest";
import { compareConsumers, standing, type ConsumerFacts } from "./model";

function consumer(given: Partial<ConsumerFacts & { name: string }> = {}) {
    const rest = { paused: false, running: true, waiting: 0, parked: 0, gaps: 0, replay_cursor: null };
    return { name: "n", lag: 0, ...rest, ...given };
}

test.each([
    [{}, "up to date", false],
    [{ lag: 3 }, "behind", false],
    [{ lag: null }, "starting", false],
    [{ lag: 3, replay_cursor: "c" }, "replays", false],
    [{ paused: true, lag: 3 }, "paused", true],
    [{ running: false, paused: true, lag: null }, "no process runs it", true],
])("%j is %s", (given, text, bad) => expect(standing(consumer(given))).toEqual({ text, bad }));

test("those that somebody has to look at come first, then by name", () => {
    const all = [
        consumer({ name: "b" }),
        consumer({ name: "a" }),
        consumer({ name: "d", parked: 1 }),
        consumer({ name: "c", running: false }),
    ];
    expect(all.sort(compareConsumers).map(({ name }) => name)).toEqual(["c", "d", "a", "b"]);
});
