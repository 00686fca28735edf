import { describe, expect, test } from "vitest";
import type { Shown } from "../../widgets/revisions/filter";
import type { Build, Builder, Revision } from "../../widgets/revisions/model";
import { groupsAny, groupsOf, labelOf, NONE, openTags, summed, toggled } from "./groups";

function builder(id: number, ...tags: string[]): Builder {
    return { id, name: `b${id}`, tags, active: true };
}

const builders = [
    builder(1, "all", "unix", "bsd"),
    builder(2, "all", "unix"),
    builder(3, "all", "win"),
    builder(4, "all"),
];
const groups = groupsOf(builders);

describe("builders", () => {
    test("are each in the group of the tag that most have, but not all", () => {
        expect(groups.map((group) => [labelOf(group), group.builders.map(({ id }) => id)])).toEqual([
            ["unix", [1, 2]],
            ["win", [3]],
            ["no tag", [4]],
        ]);
    });

    test("are told in groups only if that brings some together", () => {
        expect(groupsAny(groups)).toBe(true);
        expect(groupsAny(groupsOf([builder(1, "a"), builder(2, "b")]))).toBe(false);
        expect(groupsAny(groupsOf([builder(1), builder(2)]))).toBe(false);
    });

    test("without tags are one group", () => {
        expect(groupsOf([builder(1), builder(2)]).map(({ tag, builders }) => [tag, builders.length])).toEqual([
            [undefined, 2],
        ]);
    });
});

describe("groups", () => {
    test("are open if there is room for all, unless the address names others", () => {
        expect([...openTags(groups, [], 4)]).toEqual(["unix", "win", "no tag"]);
        expect([...openTags(groups, [], 3)]).toEqual([]);
        expect([...openTags(groups, ["win"], 4)]).toEqual(["win"]);
    });

    test("are opened and closed in the address, which also says that none is open", () => {
        expect(toggled(new Set(["unix"]), "win")).toEqual(["unix", "win"]);
        expect(toggled(new Set(["unix"]), "unix")).toEqual([NONE]);
        expect(toggled(openTags(groups, [NONE], 9), "win")).toEqual(["win"]);
    });

    test("tell of the newest build of each builder, and are as bad as the worst", () => {
        const builds = (id: number): readonly Build[] =>
            (["failure", "success"] as const).map((status, at) => ({
                key: `${id}:${at}`,
                builder: id,
                number: at,
                status: id === 1 ? status : "success",
                at,
                end: at,
            }));
        const shown: Shown = { builders, revisions: [], builds: (_, { id }) => (id === 3 ? undefined : builds(id)) };
        const revision = {} as Revision;
        expect(groups.map((group) => summed(shown, group, revision))).toEqual([
            { status: "failure", words: "1 failure, 1 success", bad: 1, all: 2 },
            undefined,
            { status: "success", words: "1 success", bad: 0, all: 1 },
        ]);
    });
});
