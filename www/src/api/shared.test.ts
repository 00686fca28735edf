import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { deliveryOf, Source } from "../../test/standins";
import type { Told } from "./link";
import { serve } from "./ports";
import type { Scheduler } from "./scheduler";
import { SharedLink } from "./shared";

const wanted = { topic: "builds/*/*", query: { complete: false }, since: "a.1" };

describe("a page's part in a shared connection", () => {
    let source: Source;
    let own: Source;
    /** What waits for a time to come. */
    let timers: Set<() => void>;
    let ends: MessagePort[];
    let told: Told[];

    beforeEach(() => {
        [source, own, timers, ends, told] = [new Source(), new Source(), new Set(), [], []];
    });
    afterEach(() => {
        for (const end of ends) end.close();
    });

    function page(isServed = true): SharedLink {
        const { port1, port2 } = new MessageChannel();
        ends.push(port1, port2);
        if (isServed) serve(port1, source);
        const after = (_: number, call: () => void) => {
            timers.add(call);
            return () => timers.delete(call);
        };
        const clock = { after, now: () => 0, frame: () => undefined, random: () => 0 } satisfies Scheduler;
        return new SharedLink(port2, () => own, clock);
    }

    test("is told what it asked for, until it does not want it any more", async () => {
        const [one, other] = [page(), page()];
        const subscription = one.subscribe(wanted, (each) => told.push(each));
        other.subscribe({ ...wanted, since: "a.2" }, () => undefined);
        await vi.waitFor(() => expect([...source.open.keys()]).toEqual([wanted, { ...wanted, since: "a.2" }]));
        source.tell(deliveryOf("a.3"));
        await vi.waitFor(() => expect(told).toEqual([deliveryOf("a.3")]));
        subscription.close();
        await vi.waitFor(() => expect(source.since).toEqual(["a.2"]));
        expect(timers.size).toBe(0);
    });

    test("knows the state, and says that it is awake", async () => {
        const link = page();
        source.status.value = { state: "stale", since: 7 };
        await vi.waitFor(() => expect(link.status.value).toEqual({ state: "stale", since: 7 }));
        link.wake();
        await vi.waitFor(() => expect(source.woken).toBe(1));
    });

    test("is over when it is gone, on both sides", async () => {
        page().subscribe(wanted, (each) => told.push(each));
        await vi.waitFor(() => expect(source.since).toEqual(["a.1"]));
        source.tell({ kind: "gone", everybody: true });
        source.tell(deliveryOf("a.3"));
        await vi.waitFor(() => expect(told.length).toBeGreaterThan(0));
        expect(told).toEqual([{ kind: "gone", everybody: true }]);
    });

    test("ends when the page goes away, and goes on where it was when somebody comes back", async () => {
        const link = page();
        link.subscribe(wanted, (each) => told.push(each));
        await vi.waitFor(() => expect(source.since).toEqual(["a.1"]));
        source.tell(deliveryOf("a.3"));
        await vi.waitFor(() => expect(told.length).toBe(1));
        const end = ends.at(-1);
        const heard = vi.fn();
        link.leave();
        await vi.waitFor(() => expect(source.open.size).toBe(0));
        // Nothing is said to a page that is away: no browser would keep it.
        end?.addEventListener("message", heard);
        source.status.value = { state: "stale", since: 7 };
        await new Promise(setImmediate);
        expect(heard).not.toHaveBeenCalled();
        link.comeBack();
        await vi.waitFor(() => expect(source.since).toEqual(["a.3"]));
        await vi.waitFor(() => expect(link.status.value).toEqual({ state: "stale", since: 7 }));
        expect(source.woken).toBe(1);
    });

    test("ends when the page is not there any more", async () => {
        page().subscribe(wanted, () => undefined);
        await vi.waitFor(() => expect(source.open.size).toBe(1));
        for (const end of ends) end.close();
        await vi.waitFor(() => expect(source.open.size).toBe(0));
    });

    test("has its own where nobody answers, from where it was", () => {
        const link = page(false);
        const subscription = link.subscribe(wanted, (each) => told.push(each));
        expect(own.open.size).toBe(0);
        for (const timer of timers) timer();
        expect(own.since).toEqual(["a.1"]);
        own.status.value = { state: "stale", since: 7 };
        own.tell(deliveryOf("a.3"));
        link.subscribe({ ...wanted, since: "a.2" }, () => undefined);
        expect([link.status.value.state, told, own.since]).toEqual(["stale", [deliveryOf("a.3")], ["a.1", "a.2"]]);
        link.wake();
        subscription.close();
        expect([own.woken, own.since]).toEqual([1, ["a.2"]]);
    });
});
