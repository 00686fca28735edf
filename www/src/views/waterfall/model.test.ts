import { expect, test } from "vitest";
import { builderOf } from "./model";

test("a builder is configured where a master runs it, or ran it until none runs any more", () => {
    const row = { builderid: 1, name: "b1", tags: [], masterids: [] };
    expect(builderOf({ ...row, masterids: [1] }, false).active).toBe(true);
    expect(builderOf(row, false).active).toBe(false);
    expect(builderOf(row, true).active).toBe(true);
});
