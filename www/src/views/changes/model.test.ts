import { expect, test } from "vitest";
import { byStamp, changeOf, namesOf } from "./model";
import type { BuildRow, ChangeRow } from "./queries";

function row(given: Partial<ChangeRow> = {}): ChangeRow {
    return {
        changeid: 1,
        author: "Ada <a@example.org>",
        comments: "Fix it\n\nIt was broken.\n",
        when_timestamp: 5,
        branch: null,
        revision: "aee3f94ac4e917b205ad90db4f1371cb3f380f29",
        revlink: "https://example.org/c/1",
        repository: "",
        project: "",
        codebase: "",
        builds: [],
        ...given,
    };
}

const NAMES = namesOf([
    { builderid: 1, name: "b10" },
    { builderid: 2, name: "b9" },
]);
const build = (buildid: number, builderid: number, results: number | null): BuildRow => ({
    buildid,
    number: buildid,
    builderid,
    results,
});

test("a change says who, what and where", () => {
    expect(changeOf(row(), NAMES)).toMatchObject({
        person: "Ada",
        title: "Fix it",
        rest: "It was broken.",
        revision: "aee3f94ac4",
        link: "https://example.org/c/1",
        status: undefined,
    });
});

test.each(["javascript:alert(1)", "data:text/html,x", "/relative", ""])("%j is no link", (revlink) => {
    expect(changeOf(row({ revlink }), NAMES).link).toBeUndefined();
});

test("its builds are the last of each builder, the worst first", () => {
    const builds = [build(5, 3, null), build(4, 1, 0), build(3, 2, 0), build(2, 1, 2)];
    const change = changeOf(row({ builds }), NAMES);
    expect(change.builds.map(({ id, name, status }) => `${id} ${name} ${status}`)).toEqual([
        "5 builder 3 running",
        "3 b9 success",
        "4 b10 success",
    ]);
    expect(change.status).toBe("running");
});

test("builds are found by each of their source stamps", () => {
    const found = byStamp([
        { id: 1, sourcestamps: [{ ssid: 7 }, { ssid: 8 }] },
        { id: 2, sourcestamps: [{ ssid: 8 }] },
    ]);
    expect([7, 8, 9].map((ssid) => found.get(ssid)?.map(({ id }) => id))).toEqual([[1], [1, 2], undefined]);
});
