/** The client, in Node, against a real server on which builds happen, over a network that is cut. */
import { beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Connection, type Socket } from "../src/api/connection";
import { Api, type Fields } from "../src/api/http";
import type { LiveList } from "../src/api/list";
import { live, type LiveQuery } from "../src/api/live";
import { scheduler, type Scheduler } from "../src/api/scheduler";
import { Store } from "../src/api/store";
import { HAS_SERVER, Proxy, Replay } from "./replay";
import { Clock } from "./standins";

const STEPS = { topic: "steps/*/*", parent: "buildid" };
/** Whole lists, parts of long ones, filters, what is embedded, one thing, several of one topic. */
const QUERIES: readonly LiveQuery<unknown>[] = [
    live(
        "builds",
        {
            order: "-buildid",
            limit: 20,
            field: ["number", "results"],
            expand: "steps",
            "steps.field": ["name", "results"],
            "steps.limit": 100,
        },
        { embed: { steps: STEPS } },
    ),
    live(
        "builds",
        { complete: false, order: ["builderid", "-started_at"], expand: "steps", "steps.complete": false },
        { embed: { steps: STEPS } },
    ),
    live("builds", { results: [0, 1], order: ["state_string", "-complete_at"], field: "builderid" }),
    live("builders/1/builds", { order: "-number", limit: 5 }),
    live("builders", { order: "-name" }),
    live("buildrequests", { claimed: true, property: "*" }),
    live("changes", { limit: 3 }),
    live("workers"),
    live("builds/3"),
];

interface Client {
    readonly store: Store;
    readonly lists: readonly LiveList<unknown>[];
    /** How many requests were made. */
    requests: number;
}

interface Given {
    readonly clock?: Scheduler;
    readonly socket?: (address: URL) => Socket;
}

const clients: Store[] = [];

/** Everybody who has to list anew does so almost at once. */
const prompt: Scheduler = { ...scheduler, random: () => 0.02 };

/** A socket as ws has it, whose errors show in that it closes. */
function open(address: URL): WebSocket {
    const socket = new WebSocket(address);
    socket.on("error", () => undefined);
    return socket;
}

/** A page that shows all of it. */
async function page(base: URL, { clock = prompt, socket = open }: Given = {}): Promise<Client> {
    const address = new URL(base.href.replace("http", "ws") + "ws");
    const api = new Api(base, (input, init) => {
        client.requests += 1;
        return fetch(input, init);
    });
    const store = new Store(api, new Connection(() => socket(address), clock), clock);
    const lists = QUERIES.map((query) => store.want(query));
    clients.push(store);
    const client: Client = { store, lists, requests: 0 };
    for (const query of QUERIES) store.hold(query);
    await Promise.all(lists.map((list) => list.settled));
    expect(lists.map((list) => list.error.value)).toEqual(QUERIES.map(() => undefined));
    return client;
}

describe.skipIf(!HAS_SERVER)("live lists", () => {
    let replay: Replay;
    let proxy: Proxy;

    beforeEach(async ({ onTestFinished }) => {
        replay = await Replay.start("--lives", "5", "--rate", "200");
        onTestFinished(() => replay.close());
        proxy = await Proxy.to(replay.port);
        onTestFinished(() => proxy.close());
        onTestFinished(() => {
            for (const store of clients.splice(0)) store.close();
        });
        // What one thing is asked of is there.
        await expect.poll(async () => (await direct().get("builds/3")).rows.length).toBe(1);
    });

    const direct = () => new Api(replay.base, fetch);

    /** Everything has happened that will: twice the same place in the log. */
    async function quiet(): Promise<void> {
        let last: string | undefined;
        const isQuiet = async () => {
            const before = last;
            const running = await direct().get("builds", { complete: false });
            last = running.cursor;
            return running.rows.length === 0 && last === before;
        };
        await expect.poll(isQuiet, { timeout: 50_000, interval: 400 }).toBe(true);
    }

    /** The page shows what lists give that are asked for anew. */
    async function expectRight({ lists, store }: Client): Promise<void> {
        const { answers } = await direct().batch(QUERIES.map(({ path, query }) => [path, query]));
        const expected = answers.map((answer) => (answer instanceof Error ? answer.message : answer.rows));
        const shown = () => [
            store.status.value,
            // Of what came in later there may be more than are asked for at first.
            ...lists.map(({ rows }, at) => rows.value.slice(0, Math.max(1, expected[at]?.length ?? 0))),
        ];
        await expect.poll(shown).toEqual([{ state: "live" }, ...expected]);
    }

    test("are what lists give that are asked for anew, from one request", async () => {
        const client = await page(proxy.base);
        const [first = []] = client.lists.map(({ rows }) => rows.value as readonly Fields[]);
        await quiet();
        await expectRight(client);
        expect(client.requests).toBe(1);
        const [now = []] = client.lists.map(({ rows }) => rows.value as readonly Fields[]);
        expect(now.length).toBeGreaterThan(first.length);
    });

    test("miss nothing and ask for nothing anew when the connection is cut again and again", async () => {
        const client = await page(proxy.base);
        proxy.delay = 20;
        const cutting = setInterval(() => proxy.cut(), 400);
        await quiet();
        clearInterval(cutting);
        await expectRight(client);
        expect(proxy.made).toBeGreaterThan(5);
        expect(client.requests).toBe(1);
    });

    test("catch up with far more than they show, by its last state and without asking anew, after a long cut", async () => {
        const client = await page(proxy.base);
        const newest = () => Math.max(...client.lists.flatMap(({ rows }) => rows.value as Fields[]).map(idOf));
        await expect.poll(() => client.store.status.value.state).toBe("live");
        const before = newest();
        proxy.isDown = true;
        proxy.cut();
        await replay.halt();
        await replay.serve("--lives", "60", "--rate", "1000");
        await quiet();
        proxy.isDown = false;
        client.store.wake();
        await expectRight(client);
        expect(newest()).toBeGreaterThan(before + 60);
        expect(client.requests).toBe(1);
    });

    test("go on where they were when the server is started again", async () => {
        const client = await page(proxy.base);
        await replay.halt("SIGKILL");
        await expect.poll(() => client.store.status.value.state).toBe("reconnecting");
        await replay.serve();
        await quiet();
        await expectRight(client);
        expect(client.requests).toBe(1);
    });

    test("are listed anew in place, in one request, when the server has another history", async () => {
        const client = await page(proxy.base);
        proxy.isDown = true;
        proxy.cut();
        await replay.forget();
        await expect.poll(async () => (await direct().get("builds/3")).rows.length).toBe(1);
        const states = client.lists.map(({ state }) => state.value);
        proxy.isDown = false;
        await quiet();
        await expectRight(client);
        expect(states).toEqual(QUERIES.map(() => "ready"));
        expect(client.requests).toBe(2);
    });

    test("are listed anew when something that was told has not come", async () => {
        let lost = 0;
        const client = await page(proxy.base, { socket: (address) => new Lossy(address, () => void (lost += 1)) });
        await quiet();
        await expectRight(client);
        expect(lost).toBe(1);
        expect(client.requests).toBe(2);
    });

    test("say since when they are old while the server is away, and go on by themselves", async () => {
        const clock = new Clock();
        const client = await page(proxy.base, { clock });
        const { status } = client.store;
        await expect.poll(() => status.value.state).toBe("live");
        proxy.isDown = true;
        proxy.cut();
        const since = clock.now() / 1000;
        await expect.poll(() => status.value).toEqual({ state: "reconnecting", since });
        for (let second = 0; second < 29; second++) clock.advance(1000);
        expect(status.value.state).toBe("reconnecting");
        for (let second = 0; second < 31; second++) clock.advance(1000);
        expect(status.value).toEqual({ state: "stale", since });
        proxy.isDown = false;
        client.store.wake();
        await expect.poll(() => status.value).toEqual({ state: "live" });
        await quiet();
        await expectRight(client);
        expect(client.requests).toBe(1);
    });

    test("notice a network that is dead and does not say so", async () => {
        const clock = new Clock();
        const client = await page(proxy.base, { clock });
        await expect.poll(() => client.store.status.value.state).toBe("live");
        proxy.delay = 1_000_000;
        // What was on its way has come by then.
        await direct().get("builds", { limit: 1 });
        clock.advance(25_000);
        expect(client.store.status.value.state).toBe("live");
        clock.advance(10_000);
        expect(client.store.status.value.state).toBe("reconnecting");
    });
});

function idOf({ buildid }: Fields): number {
    return typeof buildid === "number" ? buildid : 0;
}

/** Loses the third delivery of the first subscription that has as many, once on each connection. */
class Lossy implements Socket {
    readonly #socket: WebSocket;
    readonly #lose: () => void;
    #isDone = false;

    constructor(address: URL, lose: () => void) {
        this.#socket = open(address);
        this.#lose = lose;
    }
    addEventListener(type: "open" | "close" | "message", listener: (event: { data: unknown }) => void): void {
        this.#socket.addEventListener(type as "message", (event) => {
            const isThird = /"k":.*"number":3[,}]/.test(typeof event.data === "string" ? event.data : "");
            if (type !== "message" || !isThird || this.#isDone) {
                listener(event);
            } else {
                this.#isDone = true;
                this.#lose();
            }
        });
    }
    send(text: string): void {
        this.#socket.send(text);
    }
    close(): void {
        this.#socket.close();
    }
}
