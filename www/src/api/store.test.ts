import { beforeEach, describe, expect, test } from "vitest";
import { Clock, deliveryOf, Source } from "../../test/standins";
import { Api, ApiError, type Ask } from "./http";
import { live } from "./live";
import { Store } from "./store";

const running = live("builds", { complete: false });
const newest = live("builds", { order: "-buildid", limit: 2 });

describe("a store", () => {
    let clock: Clock;
    let link: Source;
    let store: Store;
    /** What was asked for. */
    let asked: (readonly Ask[] | string)[];
    /** What the server says; undefined: it is away. */
    let answer: ((path: string, query: Ask[1]) => object) | undefined;
    let cursor: string | undefined;
    let isLookedThrough: boolean;

    beforeEach(() => {
        [clock, link, asked, cursor] = [new Clock(), new Source(), [], "a.1"];
        answer = () => ({ builds: [{ buildid: 2 }, { buildid: 1 }], meta: { total: 2 } });
        const api = new Api(new URL("http://127.0.0.1/root/"), (input, init) => {
            const calls = typeof init.body === "string" ? (JSON.parse(init.body) as Ask[]) : undefined;
            asked.push(calls ?? input.href);
            const say = answer;
            if (!say) return Promise.reject(new TypeError("away"));
            const body = calls
                ? { answers: calls.map(([path, query]) => say(path, query)), meta: {} }
                : say(input.href, {});
            return Promise.resolve(Response.json(body, cursor ? { headers: { "X-Status-Cursor": cursor } } : {}));
        });
        isLookedThrough = false;
        store = new Store(api, link, clock, () => isLookedThrough);
    });

    /** All that can happen at this moment has. */
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    const state = () => store.status.value.state;

    test("asks once for all that is wanted in a moment, and follows it from there", async () => {
        const lists = [store.want(running), store.want(newest), store.want(live("builds", { complete: "false" }))];
        expect(lists.map((list) => list.state.value)).toEqual(["loading", "loading", "loading"]);
        await Promise.all(lists.map(({ settled }) => settled));
        expect(asked).toEqual([
            [
                ["builds", { complete: false }],
                ["builds", { order: "-buildid", limit: 2 }],
            ],
        ]);
        expect(lists[2]).toBe(lists[0]);
        expect(lists[0]?.rows.value).toEqual([{ buildid: 2 }, { buildid: 1 }]);
        expect([...link.open.keys()]).toEqual([
            { topic: "builds/*/*", query: { complete: false, conflate: true }, since: "a.1" },
            { topic: "builds/*/*", query: { conflate: true }, since: "a.1" },
        ]);
    });

    test("asks by itself for what may be in another database", async () => {
        const lists = [store.want(running), store.want(live("consumers", {}, { topic: false })), store.want(newest)];
        await Promise.all(lists.map(({ settled }) => settled));
        expect(asked.map((calls) => typeof calls !== "string" && calls.map(([path]) => path))).toEqual([
            ["builds", "builds"],
            ["consumers"],
        ]);
    });

    test("gives rows anew once for each picture, and only when something is different", async () => {
        const list = store.want(newest);
        await list.settled;
        const seen: unknown[] = [];
        list.rows.subscribe((rows) => seen.push(rows.length));
        for (let buildid = 3; buildid < 6; buildid++) link.tell(deliveryOf("a.2", { buildid }));
        await turn();
        link.tell(deliveryOf("a.2", { buildid: 5 }));
        await turn();
        // Three rows more than two are too many.
        expect([seen, list.rows.value.map(({ buildid }) => buildid)]).toEqual([
            [2, 3],
            [5, 4, 3],
        ]);
    });

    test("keeps what nobody wants for some seconds", async () => {
        const release = store.hold(running);
        await store.want(running).settled;
        clock.advance(60_000);
        expect(link.open.size).toBe(1);
        const second = store.hold(running);
        release();
        release();
        clock.advance(60_000);
        second();
        clock.advance(9_000);
        const again = store.want(running);
        clock.advance(9_000);
        expect([asked.length, again.state.value, link.open.size]).toEqual([1, "ready", 1]);
        clock.advance(2_000);
        expect(link.open.size).toBe(0);
        await store.want(running).settled;
        expect(asked.length).toBe(2);
    });

    test("has the error of a list whose call was wrong, and does not ask for it again", async () => {
        const problem = {
            code: "not-found",
            status: 404,
            title: "Not found",
            detail: "builds/9: there is no such build",
        };
        answer = (path) => (path === "builds/9" ? problem : { builds: [], meta: {} });
        const [one, other] = [store.want(live("builds/9")), store.want(running)];
        await Promise.all([one.settled, other.settled]);
        expect([one.state.value, other.state.value]).toEqual(["failed", "ready"]);
        expect(one.error.value).toBeInstanceOf(ApiError);
        expect(one.error.value).toMatchObject(problem);
        store.hold(live("builds/9"));
        clock.advance(60_000);
        expect(asked.length).toBe(1);
    });

    test("asks again for all together while the server is away, and at once when somebody comes back", async () => {
        const say = answer;
        answer = undefined;
        for (const query of [running, newest]) store.hold(query);
        const list = store.want(running);
        await list.settled;
        expect([list.state.value, list.error.value?.code, asked.length]).toEqual(["failed", "unreachable", 1]);
        expect(store.status.value).toEqual({ state: "reconnecting", since: clock.now() / 1000 });
        clock.advance(1_000);
        await turn();
        expect(asked.length).toBe(2);
        answer = say;
        store.wake();
        await turn();
        expect([list.state.value, list.error.value, asked.length, asked[2]?.length]).toEqual([
            "ready",
            undefined,
            3,
            2,
        ]);
        expect([link.woken, state()]).toEqual([1, "live"]);
    });

    test("asks again at once for what failed while the server was away, when the connection is there again", async () => {
        for (const query of [running, live("builds", { limit: 3 }, { again: "workers/*/*" })]) store.hold(query);
        await store.want(running).settled;
        const say = answer;
        answer = undefined;
        link.status.value = { state: "reconnecting", since: clock.now() / 1000 };
        // One fails for minutes; the other one waits its turn with all those of others.
        for (const [wanted, tell] of link.open)
            if (wanted.topic !== "builds/*/*") tell(deliveryOf("a.2", { workerid: 1 }));
        for (let second = 0; second < 120; second++) {
            clock.advance(1_000);
            await turn();
        }
        for (const [wanted, tell] of link.open)
            if (wanted.query["complete"] === false) tell({ kind: "gone", everybody: true });
        const before = asked.length;
        answer = say;
        link.status.value = { state: "live" };
        await turn();
        expect(asked.slice(before)).toEqual([[["builds", { limit: 3 }]]]);
        clock.advance(5_000);
        await turn();
        expect([asked.length, state()]).toEqual([before + 2, "live"]);
    });

    test("lists anew in place, all together, what cannot go on, and says so meanwhile", async () => {
        for (const query of [running, newest]) store.hold(query);
        const lists = [store.want(running), store.want(newest)];
        await Promise.all(lists.map(({ settled }) => settled));
        const say = answer;
        const rows = lists.map((list) => list.rows.value);
        answer = undefined;
        link.tell({ kind: "gone", everybody: true });
        const since = clock.now() / 1000;
        expect(store.status.value).toEqual({ state: "reconnecting", since });
        clock.advance(4_999);
        await turn();
        expect(asked.length).toBe(1);
        clock.advance(1);
        await turn();
        expect(asked.length).toBe(2);
        expect(store.status.value).toEqual({ state: "stale", since });
        expect(lists.map((list) => list.rows.value)).toEqual(rows);
        expect(lists.map((list) => list.state.value)).toEqual(["ready", "ready"]);
        [answer, cursor] = [say, "b.1"];
        clock.advance(1_000);
        await turn();
        expect([state(), asked.length, link.since]).toEqual(["live", 3, ["b.1", "b.1"]]);
        expect(lists[0]?.rows.value[0]).toBe(rows[0]?.[0]);
    });

    test("lists anew at once where something was lost", async () => {
        store.hold(running);
        await store.want(running).settled;
        link.tell({ kind: "gone", everybody: false });
        clock.advance(0);
        await turn();
        expect([asked.length, state(), link.open.size]).toEqual([2, "live", 1]);
    });

    test("takes the list of what does not exist for what it is: empty, and up to date", async () => {
        const list = store.want(running);
        await list.settled;
        link.tell({ kind: "failed", problem: { code: "not-found", status: 404, title: "", detail: "no such build" } });
        expect([state(), list.state.value, list.error.value]).toEqual(["live", "ready", undefined]);
    });

    test("does not take a list for live that cannot be followed", async () => {
        const list = store.want(running);
        await list.settled;
        link.tell({ kind: "failed", problem: { code: "refused", status: 403, title: "", detail: "not yours" } });
        expect([state(), list.state.value, list.error.value?.detail]).toEqual(["stale", "failed", "not yours"]);
        cursor = undefined;
        const other = store.want(newest);
        await other.settled;
        clock.advance(60_000);
        expect([other.state.value, state()]).toEqual(["ready", "live"]);
        store.hold(newest);
        await turn();
        expect(state()).toBe("stale");
    });

    test("brings the next page, and lists anew with more rows where it is not known", async () => {
        const row = (buildid: number, results: number | null = null) => ({ buildid, results });
        answer = (path, { limit }) =>
            path.startsWith("http")
                ? { builds: [row(7), row(6)], meta: { next: "builds?page=y", total: 9 } }
                : limit === 2
                  ? { builds: [row(9), row(8)], meta: { next: "builds?page=x", total: 9 } }
                  : { builds: [13, 12, 11, 10, 9, 8].map((id) => row(id)), meta: { next: "builds?page=z", total: 9 } };
        const list = store.want(newest);
        store.hold(newest);
        await list.settled;
        expect([list.more.value, list.total.value]).toEqual([true, 9]);
        const loading = list.loadMore();
        expect(list.loadMore()).toBe(loading);
        link.tell(deliveryOf("a.2", row(7, 0)));
        await loading;
        expect(list.rows.value).toEqual([row(9), row(8), row(7, 0), row(6)]);
        expect(asked[1]).toBe("http://127.0.0.1/root/api/v2/builds?page=x");
        for (let buildid = 10; buildid < 13; buildid++) link.tell(deliveryOf("a.2", row(buildid)));
        await list.loadMore();
        expect(asked[2]).toEqual([["builds", { order: "-buildid", limit: 6 }]]);
        answer = undefined;
        await expect(list.loadMore()).rejects.toMatchObject({ code: "unreachable" });
        expect([list.state.value, list.rows.value.length]).toEqual(["ready", 6]);
    });

    describe("of which more was loaded than comes at once", () => {
        const wide = live("builds", { order: "-buildid", limit: 2, expand: "steps" }, { endless: true });
        /** The key of the newest. */
        let last: number;
        /** No page has more than two rows, as where much is embedded in each. */
        const pages = (path: string, { limit, page }: Ask[1]) => {
            const next = path.startsWith("http") ? new URL(path).searchParams.get("page") : (page ?? last);
            if (limit !== undefined && Number(limit) > 2)
                return { code: "too-large", status: 413, title: "", detail: "" };
            const from = Number(next);
            const rows = [from, from - 1].map((buildid) => ({ buildid, steps: [] }));
            return { builds: rows, meta: from > 2 ? { next: `builds?page=${from - 2}` } : {} };
        };
        const shown = () => store.want(wide).rows.value.map(({ buildid }) => buildid);

        beforeEach(async () => {
            [last, answer] = [20, pages];
            store.hold(wide);
            await store.want(wide).settled;
            await store.want(wide).loadMore();
            expect(shown()).toEqual([20, 19, 18, 17]);
        });

        /** They have to be listed anew. */
        async function relist(): Promise<void> {
            link.tell({ kind: "gone", everybody: false });
            clock.advance(0);
            await turn();
        }

        test("lists as much anew, page by page, and nothing before all is there", async () => {
            const seen: unknown[] = [];
            store.want(wide).rows.subscribe((rows) => seen.push(rows.map(({ buildid }) => buildid)));
            last = 21;
            await relist();
            expect(seen).toEqual([
                [20, 19, 18, 17],
                [21, 20, 19, 18],
            ]);
            expect([state(), link.since]).toEqual(["live", ["a.1"]]);
        });

        test("tries all again where a page does not come", async () => {
            last = 21;
            answer = (path, query) => {
                if (path.startsWith("http")) throw new TypeError("away");
                return pages(path, query);
            };
            await relist();
            expect([shown(), state()]).toEqual([[20, 19, 18, 17], "stale"]);
            answer = pages;
            clock.advance(1_000);
            await turn();
            expect([shown(), state()]).toEqual([[21, 20, 19, 18], "live"]);
        });

        test("keeps what somebody may look at, whatever comes before it, and lists it anew", async () => {
            isLookedThrough = true;
            for (let buildid = 21; buildid < 28; buildid++) link.tell(deliveryOf("a.2", { buildid, steps: [] }));
            await turn();
            expect([shown().length, shown().at(-1)]).toEqual([11, 17]);
            last = 40;
            await relist();
            expect([shown().length, shown().at(-1)]).toEqual([24, 17]);
            isLookedThrough = false;
            for (let buildid = 41; buildid < 54; buildid++) link.tell(deliveryOf("a.2", { buildid, steps: [] }));
            await turn();
            expect([shown().length, shown().at(-1)]).toEqual([24, 30]);
        });
    });

    test("can be closed", async () => {
        store.hold(running);
        await store.want(running).settled;
        link.tell({ kind: "gone", everybody: true });
        store.close();
        expect(clock.waiting).toBe(0);
        await turn();
        expect([asked.length, link.open.size]).toEqual([1, 0]);
    });
});
