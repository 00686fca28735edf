import { describe, expect, test } from "vitest";
import { lacksBuilds, revisionsOf, type Revision } from "./model";
import { build, change, rows, stamp, waiting } from "./rows.testing";

/** Keys of revisions, each with those of its builds. */
function told(revisions: readonly Revision[]): Record<string, readonly string[]> {
    return Object.fromEntries(
        revisions.map(({ key, builds }) => [key, [...builds.values()].flatMap((all) => all.map((each) => each.key))]),
    );
}

describe("a build", () => {
    test("belongs to the change of its source stamp", () => {
        const changes = [change(2, 200), change(1, 100)];
        const builds = [build(30, [stamp(2, "r2")]), build(29, [stamp(1, "r1")]), build(20, [stamp(2, "r2")])];
        expect(told(revisionsOf(rows({ changes, builds })))).toEqual({ c2: ["b30", "b20"], c1: ["b29"] });
    });

    test("that was forced belongs to the change of its revision, though its stamp is another one", () => {
        const builds = [build(30, [stamp(9, "r1", { branch: null })])];
        expect(told(revisionsOf(rows({ changes: [change(1, 100)], builds })))).toEqual({ c1: ["b30"] });
    });

    test("whose branch is not named, or is named by nothing, is of the default branch", () => {
        const builds = [build(31, [stamp(9, "x", { branch: null })]), build(30, [stamp(8, "y", { branch: "" })])];
        expect(revisionsOf(rows({ builds })).map(({ branch }) => branch)).toEqual(["(default)", "(default)"]);
    });

    test("of a branch's latest belongs to the revision that it got", () => {
        const latest = (got: unknown) => ({ properties: { got_revision: [got, "Git"] as [unknown, string] } });
        const builds = [build(31, [stamp(9, null)], latest({ "": "r1" })), build(30, [stamp(9, null)], latest("r1"))];
        expect(told(revisionsOf(rows({ changes: [change(1, 100)], builds })))).toEqual({ c1: ["b31", "b30"] });
    });

    test("of several codebases belongs to the newest change among its stamps", () => {
        const changes = [change(2, 200, { codebase: "lib" }), change(1, 100)];
        const builds = [build(30, [stamp(1, "r1"), stamp(2, "r2", { codebase: "lib" })])];
        expect(told(revisionsOf(rows({ changes, builds })))).toEqual({ c2: ["b30"], c1: [] });
    });

    test("of a revision that no change tells of is with the others of it", () => {
        const builds = [
            build(32, [stamp(8, "x")]),
            build(31, [stamp(9, null)]),
            build(30, [stamp(7, "x")], { builderid: 2 }),
            build(29, []),
        ];
        const found = revisionsOf(rows({ builds }));
        expect(told(found)).toEqual({ "r::main:x": ["b32", "b30"], "r::main:": ["b31"], none: ["b29"] });
        expect(found.map(({ revision, commit }) => [revision, commit])).toEqual([
            ["x", undefined],
            ["", undefined],
            ["", undefined],
        ]);
    });

    test("that waits is in its place, before those that have begun", () => {
        const found = revisionsOf(
            rows({
                changes: [change(1, 100)],
                builds: [build(30, [stamp(1, "r1")])],
                waiting: [waiting(5, [stamp(1, "r1")], 350)],
            }),
        );
        expect(told(found)).toEqual({ c1: ["w5", "b30"] });
        expect(found[0]?.builds.get(1)?.[0]).toMatchObject({ status: "pending", number: undefined, at: 350 });
    });

    test("whose master is gone does not run", () => {
        const running = { complete: false, complete_at: null, results: null };
        const builds = [build(31, [stamp(1, "r1")], running), build(30, [stamp(1, "r1")], { ...running, masterid: 2 })];
        const masters = [1, 2].map((masterid) => ({ masterid, active: masterid === 1 }));
        const [found] = revisionsOf(rows({ builds, masters }));
        expect(found?.builds.get(1)?.map(({ status, end }) => [status, end])).toEqual([
            ["running", undefined],
            ["unknown", undefined],
        ]);
    });
});

describe("revisions", () => {
    test("are newest first; what no change tells of is as new as its newest build", () => {
        const changes = [change(2, 290), change(1, 100)];
        const builds = [build(31, [stamp(9, "x")]), build(28, [stamp(8, "y")]), build(20, [stamp(9, "x")])];
        const found = revisionsOf(rows({ changes, builds }));
        expect(found.map(({ revision, at }) => [revision, at])).toEqual([
            ["x", 310],
            ["r2", 290],
            ["y", 280],
            ["r1", 100],
        ]);
    });

    test("end where builds may be missing", () => {
        const changes = [change(3, 300), change(2, 200), change(1, 100)];
        const builds = [build(31, [stamp(3, "r3")]), build(25, [stamp(2, "r2")])];
        expect(told(revisionsOf(rows({ changes, builds, moreBuilds: true })))).toEqual({ c3: ["b31"], c2: ["b25"] });
        const both = revisionsOf(rows({ changes, builds, moreBuilds: true }));
        expect(both.map(({ key, whole, at }) => [key, whole, at])).toEqual([
            ["c3", true, 300],
            // It came before the oldest build that is loaded: it may have older ones.
            ["c2", false, 250],
        ]);
        // In one second there may be several builds.
        const [, atOnce] = revisionsOf(rows({ changes: [change(3, 300), change(2, 250)], builds, moreBuilds: true }));
        expect(atOnce).toMatchObject({ key: "c2", whole: false });
    });

    test("end where changes may be missing", () => {
        const builds = [build(31, [stamp(3, "r3")]), build(25, [stamp(2, "r2")])];
        const found = rows({ changes: [change(3, 300)], builds, moreChanges: true });
        expect(told(revisionsOf(found))).toEqual({ c3: ["b31"] });
        expect(lacksBuilds(found)).toBe(false);
        expect(lacksBuilds({ ...found, changes: [change(3, 200)], moreBuilds: true })).toBe(true);
    });

    test("came when they were seen, whatever time the commit says", () => {
        const changes = [change(1, 100, { when_timestamp: 5 })];
        expect(revisionsOf(rows({ changes }))[0]?.at).toBe(100);
    });

    test("tell of their commits, and link to nothing but the web", () => {
        const changes = [
            change(2, 200, { author: "<ada>", comments: "", revlink: "javascript:alert(1)" }),
            change(1, 100, { revlink: "https://example.org/r1" }),
        ];
        expect(revisionsOf(rows({ changes })).map(({ commit }) => commit)).toEqual([
            { id: 2, author: "<ada>", title: "", message: "", link: undefined },
            {
                id: 1,
                author: "Ada",
                title: "Change 1",
                message: "Change 1\n\nMore of it.",
                link: "https://example.org/r1",
            },
        ]);
    });
});
