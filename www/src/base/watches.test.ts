import { beforeEach, describe, expect, test } from "vitest";
import { Watches, type BuildEnds } from "./watches";

type Ended = Parameters<BuildEnds["watch"]>[1];

const LINUX = { buildid: 7, name: "linux #3", href: "builders/1/builds/3" };
const DOCS = { buildid: 8, name: "docs #9", href: "builders/2/builds/9" };

describe("Watches", () => {
    let stored: Map<string, string>;
    let running: Map<number, Ended>;
    let told: string[];

    function open(builds: BuildEnds = follow) {
        const storage = {
            getItem: (key: string) => stored.get(key) ?? null,
            setItem: (key: string, value: string) => void stored.set(key, value),
        };
        return new Watches(storage, builds, ({ title, body, tag, href }) =>
            told.push([title, body, tag, href].join("|")),
        );
    }
    const follow: BuildEnds = {
        watch(buildid, ended) {
            running.set(buildid, ended);
            return () => running.delete(buildid);
        },
    };
    beforeEach(() => {
        stored = new Map();
        running = new Map();
        told = [];
    });

    test("tells once how a build ended, and watches it no more", () => {
        const watches = open();
        watches.toggle(LINUX);
        watches.toggle(DOCS);
        running.get(7)?.({ results: 2, state_string: "failed tests" });
        expect(told).toEqual(["✗ linux #3: failure|failed tests|build-7|builders/1/builds/3"]);
        expect(watches.all.value).toEqual([DOCS]);
        expect([...running.keys()]).toEqual([8]);
    });

    test("stops when it is told to", () => {
        const watches = open();
        watches.toggle(LINUX);
        watches.toggle(LINUX);
        expect([watches.all.value, running.size]).toEqual([[], 0]);
    });

    test("goes on when the page is loaded again", () => {
        open().toggle(LINUX);
        running.clear();
        expect(open().all.value).toEqual([LINUX]);
        expect([...running.keys()]).toEqual([7]);
    });

    test("takes up what another tab has chosen", () => {
        const [here, there] = [open(), open()];
        there.toggle(LINUX);
        here.read();
        expect(here.all.value).toEqual([LINUX]);
        there.toggle(LINUX);
        here.read();
        expect(here.all.value).toEqual([]);
    });

    test("forgets what is not there any more, and says nothing of it", () => {
        const watches = open();
        watches.toggle(LINUX);
        running.get(7)?.(undefined);
        expect([told, watches.all.value, running.size]).toEqual([[], [], 0]);
    });

    test("tells at once of what has ended meanwhile", () => {
        let ends = 0;
        open().toggle(LINUX);
        const watches = open({
            watch(_, ended) {
                ended({ results: 0, state_string: "build successful" });
                return () => ends++;
            },
        });
        expect([told.length, watches.all.value, ends]).toEqual([1, [], 1]);
    });

    test.each(["", "null", "{}", '[{"buildid":"7"}]', "[null, 3]", "nonsense"])("is not led astray by %s", (text) => {
        stored.set("buildbot-status-watched", text);
        expect(open().all.value).toEqual([]);
    });
});
