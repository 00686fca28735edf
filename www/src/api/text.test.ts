import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Source } from "../../test/standins";
import { Api } from "./http";
import { LogText, type LogRecord } from "./text";

const LOG: LogRecord = { logid: 7, type: "s", num_lines: 0, complete: false };

/** A server with one log, which refuses to send more than `most` characters at once. */
class Server {
    readonly asked: string[] = [];
    lines: string[] = [];
    most = Infinity;
    searched = Infinity;

    readonly fetch = (url: URL, { signal }: RequestInit): Promise<Response> => {
        this.asked.push(url.pathname + url.search);
        signal?.throwIfAborted();
        return Promise.resolve(url.pathname.endsWith("/contents") ? this.#contents(url.searchParams) : this.#log());
    };

    #log(): Response {
        const log = { ...LOG, num_lines: this.lines.length };
        return Response.json({ logs: [log], meta: {} }, { headers: { "X-Status-Cursor": "later" } });
    }

    #contents(query: URLSearchParams): Response {
        const [offset, limit] = ["offset", "limit"].map((name) => Number(query.get(name) ?? Infinity));
        const from = Number(offset);
        const search = query.getAll("search");
        if (search.length) {
            const end = Math.min(this.lines.length, from + this.searched);
            const numbers = [];
            let at = from;
            for (; at < end && numbers.length < Number(limit); at++)
                if (search.some((text) => this.lines[at]?.slice(1).includes(text))) numbers.push(at);
            const content = numbers.map((number) => `${this.lines[number] ?? ""}\n`).join("");
            const meta = at < this.lines.length ? { next: `logs/7/contents?search=x&offset=${at}` } : {};
            return Response.json({ logchunks: [{ logid: 7, firstline: from, lines: numbers, content }], meta });
        }
        const content = this.lines
            .slice(from, from + Number(limit))
            .map((line) => `${line}\n`)
            .join("");
        if (content.length > this.most) {
            const problem = { code: "too-large", status: 413, title: "Too large", detail: "too large" };
            return Response.json(problem, { status: 413 });
        }
        return Response.json({ logchunks: [{ logid: 7, firstline: from, lines: null, content }], meta: {} });
    }
}

function opened(count: number, log: Partial<LogRecord> = {}) {
    const server = new Server();
    server.lines = Array.from({ length: count }, (_, at) => `oline ${at}`);
    const link = new Source();
    const api = new Api(new URL("http://localhost/"), server.fetch);
    return { server, link, text: new LogText({ api, link }, { ...LOG, num_lines: count, ...log }) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("lines", () => {
    test("that are wanted come in pieces, and are asked for once", async () => {
        const { server, text } = opened(1000);
        text.want(0, 999);
        await expect.poll(() => text.line(999)?.text).toBe("line 999");
        expect(server.asked).toHaveLength(3);
        text.want(100, 900);
        await settled();
        expect(server.asked).toHaveLength(3);
    });

    test("that are not wanted any more are not waited for", async () => {
        const { server, text } = opened(1_000_000);
        for (let at = 0; at < 1_000_000; at += 1000) text.want(at, at + 50);
        await expect.poll(() => text.line(999_000)?.text).toBe("line 999000");
        text.want(5, 10);
        await expect.poll(() => text.line(5)?.text).toBe("line 5");
        await settled();
        // Those in between were called off before anything came of them.
        expect(text.line(500_000)).toBeUndefined();
        expect(server.asked.at(-1)).toContain("offset=5&limit=6");
    });

    test("that are too much for one answer come in parts; one that is too much by itself is told of", async () => {
        const { server, text } = opened(64);
        server.lines[20] = `o${"x".repeat(5000)}`;
        server.most = 1000;
        text.want(0, 63);
        await expect.poll(() => text.line(63)?.text).toBe("line 63");
        await expect.poll(() => text.line(20)?.length).toBe(Infinity);
        expect(text.line(21)?.text).toBe("line 21");
    });

    test("that were deleted are empty, and are not asked for again and again", async () => {
        const { server, text } = opened(10);
        server.lines = server.lines.slice(0, 4);
        text.want(0, 9);
        await expect.poll(() => text.line(9)?.text).toBe("");
        expect(server.asked).toHaveLength(1);
    });
});

describe("following", () => {
    const tell = (link: Source, event: string, record: object, extra: object) => {
        for (const told of link.open.values()) {
            const delivery = {
                topic: `logs/7/${event}`,
                record: { ...record },
                left: false,
                cursor: "c",
                extra: { ...extra },
            };
            told({ kind: "delivery", delivery });
        }
    };

    test("lines that come are there without being asked for, until the log is complete", () => {
        const { server, link, text } = opened(2);
        text.follow("here");
        expect([...link.open.keys()]).toEqual([{ topic: "logs/7/*", query: { content: true }, since: "here" }]);
        tell(link, "append", { num_lines: 4, complete: false }, { first: 2, last: 3, content: "otwo\nethree\n" });
        expect([text.count.value, text.line(3)]).toEqual([4, { text: "three", stream: "errors", length: 5 }]);
        tell(link, "finished", { num_lines: 4, complete: true }, {});
        expect([text.complete.value, link.open.size, server.asked.length]).toEqual([true, 0, 0]);
    });

    test("lines are counted once they are told, though records say earlier how many there are", async () => {
        const { server, link, text } = opened(2);
        text.follow("here");
        const record = { num_lines: 4, complete: true };
        tell(link, "new", record, {});
        expect(text.count.value).toBe(2);
        tell(link, "append", record, { first: 0, last: 2, content: "oline 0\noline 1\notwo\n" });
        expect([text.count.value, text.complete.value]).toEqual([3, false]);
        text.want(0, 3);
        tell(link, "append", record, { first: 3, last: 3, content: "ethree\n" });
        tell(link, "finished", record, {});
        await settled();
        expect([text.count.value, text.line(3)?.text, text.complete.value]).toEqual([4, "three", true]);
        expect(server.asked).toEqual([]);
    });

    test("goes on from what is there now, where what has happened is not known any more", async () => {
        const { server, link, text } = opened(2);
        text.follow("long ago");
        server.lines.push("omore");
        for (const told of [...link.open.values()]) told({ kind: "gone", everybody: true });
        await expect.poll(() => text.count.value).toBe(3);
        expect([...link.open.keys()].map(({ since }) => since)).toEqual(["later"]);
        text.close();
        expect(link.open.size).toBe(0);
    });

    test("a log that is complete is not followed", () => {
        const { link, text } = opened(2, { complete: true });
        text.follow("here");
        expect(link.open.size).toBe(0);
    });
});

describe("searching", () => {
    test("finds the same lines, whatever part of the log one answer is about", async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.integer({ min: 1, max: 50 }),
                fc.integer({ min: 1, max: 40 }),
                async (searched, enough) => {
                    const { server, text } = opened(200);
                    server.searched = searched;
                    const found: number[] = [];
                    let last;
                    for await (const each of text.search(["7", "line 1 "], 3, enough, new AbortController().signal)) {
                        found.push(...each.lines.map(({ number }) => number));
                        last = each;
                    }
                    const all = [...Array(200).keys()].filter((at) => at >= 3 && String(at).includes("7"));
                    expect(found).toEqual(all.slice(0, enough));
                    if (enough > all.length) expect(last).toMatchObject({ searched: 200, complete: true });
                },
            ),
        );
    });
});
