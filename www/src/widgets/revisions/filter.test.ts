import { describe, expect, test } from "vitest";
import { ALL, type Filter } from "../filters";
import { filtered, sorted } from "./filter";
import { builderOf, revisionsOf } from "./model";
import { build, change, rows, stamp } from "./rows.testing";
import { buildsName } from "./words";

const builders = [
    { builderid: 1, name: "linux 10", tags: ["fast", "unix"], masterids: [1] },
    { builderid: 2, name: "linux 9", tags: ["unix"], masterids: [1] },
    { builderid: 3, name: "windows", tags: [], masterids: [1] },
    { builderid: 4, name: "gone", tags: [], masterids: [] },
].map((row) => builderOf(row, false));

const revisions = revisionsOf(
    rows({
        changes: [
            change(3, 300),
            change(2, 200, { branch: "release", comments: "Say it for Windows" }),
            change(1, 100, { branch: "release/1" }),
        ],
        builds: [
            build(33, [stamp(3, "r3")], { results: 2 }),
            build(32, [stamp(3, "r3")], { builderid: 2 }),
            build(31, [stamp(3, "r3")]),
            build(22, [stamp(2, "r2")], { builderid: 3 }),
            build(21, [stamp(2, "r2")], { builderid: 2, results: 4 }),
        ],
    }),
);

function shown(filter: Partial<Filter>) {
    const found = filtered(builders, revisions, { ...ALL, ...filter });
    return {
        builders: found.builders.map(({ name }) => name),
        revisions: found.revisions.map(({ key }) => key),
        builds: found.revisions.flatMap((revision) =>
            found.builders.flatMap((builder) => (found.builds(revision, builder) ?? []).map(({ key }) => key)),
        ),
    };
}

describe("a filter", () => {
    test("that asks for nothing leaves out only builders that nothing runs any more", () => {
        expect(shown({})).toEqual({
            builders: ["linux 10", "linux 9", "windows"],
            revisions: ["c3", "c2", "c1"],
            builds: ["b33", "b31", "b32", "b21", "b22"],
        });
    });

    test("of tags is one of builders", () => {
        expect(shown({ tag: ["fast"] })).toEqual({
            builders: ["linux 10"],
            revisions: ["c3", "c2", "c1"],
            builds: ["b33", "b31"],
        });
    });

    test("of a branch means the one of that name, or those that it is a part of while none has it", () => {
        expect(shown({ branch: "release" }).revisions).toEqual(["c2"]);
        expect(shown({ branch: "Rel" }).revisions).toEqual(["c2", "c1"]);
    });

    test("of results leaves out other builds, and what has none then", () => {
        expect(shown({ results: ["failure"] })).toEqual({
            builders: ["linux 10"],
            revisions: ["c3"],
            builds: ["b33"],
        });
    });

    test("of a text means builders of such a name, and revisions that say it", () => {
        expect(shown({ text: "WINDOWS" })).toEqual({
            builders: ["linux 9", "windows"],
            revisions: ["c2"],
            builds: ["b21", "b22"],
        });
        expect(shown({ text: "linux 9" }).builds).toEqual(["b32", "b21"]);
        // It was never built.
        expect(shown({ text: "r1" }).revisions).toEqual(["c1"]);
    });
});

test("builders are sorted by name as people count, or with the worst first", () => {
    const all = filtered(builders, revisions, ALL);
    expect(sorted(all, false).map(({ name }) => name)).toEqual(["linux 9", "linux 10", "windows"]);
    expect(sorted(all, true).map(({ name }) => name)).toEqual(["linux 10", "linux 9", "windows"]);
});

test("what is heard of a cell is all of it", () => {
    const [builder] = builders;
    const [revision] = revisions;
    if (!builder || !revision) throw new Error("there are some");
    expect(buildsName(builder, revision, revision.builds.get(1) ?? [], 330 + 7200)).toBe(
        "linux 10 #33, revision r3, failure after 5 s, 2 h ago; the newest of 2",
    );
});
