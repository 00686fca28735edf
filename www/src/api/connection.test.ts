import { beforeEach, describe, expect, test } from "vitest";
import { Clock } from "../../test/standins";
import { Connection, type Socket } from "./connection";
import type { Told } from "./link";

/** The server's end is the test. */
class Wire implements Socket {
    readonly said: Record<string, unknown>[] = [];
    readonly #listeners = new Map<string, (event: { data: unknown }) => void>();
    isClosed = false;

    addEventListener(type: "open" | "close" | "message", listener: (event: { data: unknown }) => void): void {
        this.#listeners.set(type, listener);
    }
    send(text: string): void {
        this.said.push(JSON.parse(text) as Record<string, unknown>);
    }
    close(): void {
        this.isClosed = true;
    }
    emit(type: "open" | "close"): void {
        this.#listeners.get(type)?.({ data: undefined });
    }
    say(...frames: readonly object[]): void {
        for (const frame of frames) this.#listeners.get("message")?.({ data: JSON.stringify(frame) });
    }
    /** Every start is answered, as by a server that has it. */
    agree(): void {
        for (const { cmd, _id, since } of this.said) {
            if (cmd === "startConsuming") this.say({ msg: "OK", code: 200, _id, cursor: since ?? "a.0" });
        }
    }
}

const builds = { topic: "builds/*/*", query: { complete: false }, since: "a.1" };
const event = (name: string, number: number, cursor: string) => ({
    k: "builds/1/new",
    m: { buildid: 1 },
    cursor,
    number,
    name,
});

describe("a connection", () => {
    let clock: Clock;
    let wires: Wire[];
    let connection: Connection;
    let told: Told[];

    beforeEach(() => {
        [clock, wires, told] = [new Clock(), [], []];
        const open = () => {
            const wire = new Wire();
            wires.push(wire);
            return wire;
        };
        connection = new Connection(open, clock);
    });

    const wire = () => wires.at(-1) ?? new Wire();
    const subscribe = () => connection.subscribe(builds, (each) => told.push(each));
    const state = () => connection.status.value.state;

    /** It is lost, and made again in its time. */
    function again(): void {
        wire().emit("close");
        clock.advance(30_000);
        wire().emit("open");
    }

    test("is made when somebody wants something", () => {
        connection.wake();
        expect([wires.length, state()]).toEqual([0, "live"]);
        subscribe();
        expect([wires.length, state()]).toEqual([1, "reconnecting"]);
        wire().emit("open");
        const start = {
            cmd: "startConsuming",
            path: "builds/*/*",
            query: { complete: false },
            since: "a.1",
            cursors: true,
        };
        expect(wire().said).toEqual([{ ...start, name: "1", _id: "1" }]);
        expect(state()).toBe("reconnecting");
        wire().agree();
        expect(state()).toBe("live");
    });

    test("goes on after the last thing that it was told, and after the last place", () => {
        subscribe();
        connection.subscribe({ topic: "steps/*/*", query: {}, since: "a.1" }, () => undefined);
        connection.subscribe({ topic: "changes/*/*", query: {}, since: undefined }, () => undefined);
        wire().emit("open");
        wire().agree();
        const extra = { first: 3 };
        wire().say({ ...event("1", 1, "a.2"), ...extra }, event("1", 2, "a.3"), {
            bookmark: "steps/*/*",
            cursor: "a.9",
            name: "2",
        });
        again();
        expect(wire().said.map(({ since }) => since)).toEqual(["a.3", "a.9", "a.0"]);
        // Each connection counts anew.
        wire().say({ ...event("1", 1, "a.4"), left: true });
        expect(told.map((each) => each.kind === "delivery" && each.delivery)).toEqual([
            { topic: "builds/1/new", record: { buildid: 1 }, left: false, cursor: "a.2", extra },
            { topic: "builds/1/new", record: { buildid: 1 }, left: false, cursor: "a.3", extra: {} },
            { topic: "builds/1/new", record: { buildid: 1 }, left: true, cursor: "a.4", extra: {} },
        ]);
    });

    test("ends a subscription of which something was lost", () => {
        subscribe();
        wire().emit("open");
        wire().agree();
        wire().say(event("1", 1, "a.2"), event("1", 3, "a.4"), event("1", 4, "a.5"));
        expect(told.map(({ kind }) => kind)).toEqual(["delivery", "gone"]);
        expect(wire().said.at(-1)).toMatchObject({ cmd: "stopConsuming", path: "builds/*/*", name: "1" });
        again();
        expect(wires.length).toBe(1);
    });

    test.each([
        ["where it begins", { _id: "1" }],
        ["later", { gone: "builds/*/*", name: "1", _id: null }],
    ])("tells %s that what follows is not kept any more", (_, about) => {
        subscribe();
        wire().emit("open");
        wire().say({ ...about, error: "too old", code: 410, oldest: "a.7" });
        expect(told).toEqual([{ kind: "gone", everybody: true }]);
        expect(state()).toBe("live");
    });

    test("tells what is refused, and does not try it again", () => {
        subscribe();
        wire().emit("open");
        wire().say({ _id: "1", error: "no such topic", code: 404 });
        const problem = { code: "refused", status: 404, title: "Not told of", detail: "no such topic" };
        expect(told).toEqual([{ kind: "failed", problem }]);
    });

    test("tries again what the server cannot do now, less and less often", () => {
        subscribe();
        const times: number[] = [];
        const began = clock.now();
        for (let attempt = 0; attempt < 8; attempt++) {
            times.push((clock.now() - began) / 1000);
            wire().emit("open");
            wire().say({ _id: "1", error: "the database is away", code: 503 });
            const before = wires.length;
            while (wires.length === before) clock.advance(500);
        }
        expect(times).toEqual([0, 0.5, 1.5, 3.5, 7.5, 12.5, 17.5, 22.5]);
        expect([told, wires[0]?.isClosed]).toEqual([[], true]);
        wire().emit("open");
        wire().agree();
        wire().emit("close");
        clock.advance(500);
        expect(wires.length).toBe(10);
    });

    test("is tried every ten seconds, however long the server is away", () => {
        clock.share = 1;
        subscribe();
        const times: number[] = [];
        for (let second = 0; second < 600; second++) {
            if (wires.length > times.length) {
                times.push(second);
                wire().emit("close");
            }
            clock.advance(1_000);
        }
        expect(Math.max(...times.map((time, at) => time - (times[at - 1] ?? 0)))).toBe(10);
        expect(600 - (times.at(-1) ?? 0)).toBeLessThanOrEqual(10);
    });

    test("is told nothing of what nobody wants any more", () => {
        const subscription = subscribe();
        wire().emit("open");
        wire().agree();
        subscription.close();
        expect(wire().said.at(-1)).toEqual({ cmd: "stopConsuming", path: "builds/*/*", name: "1", _id: null });
        wire().say(event("1", 1, "a.2"), { _id: null, msg: "OK", code: 200 }, { surprise: 1 });
        expect(told).toEqual([]);
    });

    test("is not late for what is wanted on the way", () => {
        const first = subscribe();
        wire().emit("open");
        wire().agree();
        connection.subscribe({ ...builds, since: "a.2" }, () => undefined);
        expect(wire().said.at(-1)).toMatchObject({ name: "2", since: "a.2" });
        first.close();
        expect(state()).toBe("live");
    });

    test("asks for a word where there is silence, and gives up where there is no answer", () => {
        subscribe();
        wire().emit("open");
        wire().agree();
        clock.advance(25_000);
        expect(wire().said.at(-1)).toMatchObject({ cmd: "ping" });
        clock.advance(9_000);
        wire().say({ msg: "pong", code: 200, _id: null });
        clock.advance(24_000);
        expect([wires.length, state()]).toEqual([1, "live"]);
        clock.advance(11_000);
        expect([wires[0]?.isClosed, state()]).toEqual([true, "reconnecting"]);
        // What a connection says that was given up is heard no more.
        wires[0]?.say(event("1", 1, "a.2"));
        expect(told).toEqual([]);
    });

    test("gives up soon when somebody comes back and it is dead, and connects at once", () => {
        subscribe();
        wire().emit("open");
        wire().agree();
        connection.wake();
        clock.advance(3_000);
        expect(state()).toBe("reconnecting");
        expect(wires.length).toBe(1);
        connection.wake();
        expect(wires.length).toBe(2);
    });

    test("does not wait for ever for it to open", () => {
        subscribe();
        clock.advance(11_000);
        expect([wires.length, wires[0]?.isClosed]).toEqual([2, true]);
    });

    test("says since when it has not been live", () => {
        subscribe();
        wire().emit("open");
        wire().agree();
        clock.advance(1_000);
        const since = clock.now() / 1000;
        wire().emit("close");
        expect(connection.status.value).toEqual({ state: "reconnecting", since });
        clock.advance(29_000);
        expect(connection.status.value).toEqual({ state: "reconnecting", since });
        clock.advance(1_000);
        expect(connection.status.value).toEqual({ state: "stale", since });
        wire().emit("open");
        wire().agree();
        clock.advance(1_000);
        expect(connection.status.value).toEqual({ state: "live" });
    });

    test("can be ended", () => {
        subscribe();
        wire().emit("open");
        connection.close();
        clock.advance(60_000);
        expect([wires.length, wire().isClosed, state()]).toEqual([1, true, "live"]);
    });
});
