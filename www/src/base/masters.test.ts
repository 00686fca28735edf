import { expect, test } from "vitest";
import { desertedSince, isDeserted } from "./masters";

const [stopped, older] = [5, 3].map((last_active) => ({ active: false, last_active }));
const running = { active: true, last_active: 4 };

test.each([
    ["none has used the database", [], undefined],
    ["one runs", [stopped, running], undefined],
    ["all have stopped", [older, stopped], 5],
])("since when no master runs: %s", (_, given, since) => {
    const masters = given.flatMap((master) => master ?? []);
    expect([desertedSince(masters), isDeserted(masters)]).toEqual([since, since !== undefined]);
});
