/** Debian's Firefox, spoken to by WebDriver BiDi: https://w3c.github.io/webdriver-bidi/ */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

/** Undefined where there is none, and tests that need one are left out. */
export const FIREFOX = ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find(existsSync);

interface Answer {
    readonly id?: number;
    readonly type: "success" | "error" | "event";
    readonly result?: Record<string, unknown>;
    readonly error?: string;
    readonly message?: string;
    readonly method?: string;
    readonly params?: { readonly level?: string; readonly text?: string };
}

/** One page of a browser without a window. */
export class Firefox {
    /** Warnings, errors and what else pages have complained of. */
    readonly complaints: string[] = [];
    readonly #process: ChildProcess;
    readonly #profile: string;
    readonly #socket: WebSocket;
    readonly #waiting = new Map<number, (answer: Answer) => void>();
    #commands = 0;
    #context = "";

    private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
        [this.#process, this.#profile, this.#socket] = [process, profile, socket];
        socket.on("message", (data: Buffer) => this.#take(JSON.parse(data.toString()) as Answer));
    }

    static async launch(): Promise<Firefox> {
        const profile = await mkdtemp(join(tmpdir(), "firefox-"));
        const given = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
        const process = spawn(String(FIREFOX), given, {
            stdio: ["ignore", "ignore", "pipe"],
            env: { ...globalThis.process.env, HOME: profile },
        });
        const address = await new Promise<string>((resolve, reject) => {
            let said = "";
            process.stderr.on("data", (chunk: Buffer) => {
                said += chunk.toString();
                const found = /WebDriver BiDi listening on (ws:\S+)/.exec(said);
                if (found?.[1]) resolve(found[1]);
            });
            process.on("exit", (code) => reject(new Error(`Firefox ended with ${String(code)}: ${said}`)));
        });
        const socket = new WebSocket(`${address}/session`);
        await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
        const firefox = new Firefox(process, profile, socket);
        await firefox.send("session.new", { capabilities: {} });
        await firefox.send("session.subscribe", { events: ["log.entryAdded"] });
        const { contexts } = (await firefox.send("browsingContext.getTree", {})) as { contexts: { context: string }[] };
        firefox.#context = contexts[0]?.context ?? "";
        return firefox;
    }

    async close(): Promise<void> {
        const ended = new Promise((resolve) => this.#process.once("exit", resolve));
        this.#socket.close();
        this.#process.kill();
        await ended;
        await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
    }

    async goto(url: URL): Promise<void> {
        await this.send("browsingContext.navigate", { context: this.#context, url: url.href, wait: "complete" });
    }

    async resize(width: number, height: number): Promise<void> {
        await this.send("browsingContext.setViewport", { context: this.#context, viewport: { width, height } });
    }

    /** The value of an expression on the page, which JSON can hold. */
    async evaluate<Value>(expression: string): Promise<Value> {
        const { result, exceptionDetails } = (await this.send("script.evaluate", {
            expression: `(async () => JSON.stringify(await (${expression})))()`,
            target: { context: this.#context },
            awaitPromise: true,
        })) as { result?: { value?: string }; exceptionDetails?: { text: string } };
        if (exceptionDetails) throw new Error(exceptionDetails.text);
        return JSON.parse(result?.value ?? "null") as Value;
    }

    /** Turn the wheel above the middle of the page. */
    async wheel(deltaY: number, { x, y }: { x: number; y: number }): Promise<void> {
        const actions = [{ type: "scroll", x, y, deltaX: 0, deltaY }];
        await this.send("input.performActions", {
            context: this.#context,
            actions: [{ type: "wheel", id: "wheel", actions }],
        });
    }

    async press(...keys: readonly string[]): Promise<void> {
        const actions = keys.flatMap((value) => [
            { type: "keyDown", value },
            { type: "keyUp", value },
        ]);
        await this.send("input.performActions", {
            context: this.#context,
            actions: [{ type: "key", id: "keyboard", actions }],
        });
    }

    async click({ x, y }: { x: number; y: number }): Promise<void> {
        const at = { x: Math.round(x), y: Math.round(y) };
        const actions = [
            { type: "pointerMove", ...at },
            { type: "pointerDown", button: 0 },
            { type: "pointerUp", button: 0 },
        ];
        await this.send("input.performActions", {
            context: this.#context,
            actions: [{ type: "pointer", id: "mouse", actions }],
        });
    }

    async send(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
        const id = (this.#commands += 1);
        const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
        this.#socket.send(JSON.stringify({ id, method, params }));
        const { type, result, error, message } = await answered;
        if (type !== "success") throw new Error(`${method}: ${String(error)}: ${String(message)}`);
        return result ?? {};
    }

    #take(answer: Answer): void {
        const { id, method, params } = answer;
        if (id !== undefined) {
            this.#waiting.get(id)?.(answer);
            this.#waiting.delete(id);
        } else if (method === "log.entryAdded" && ["warn", "error"].includes(String(params?.level))) {
            this.complaints.push(`${String(params?.level)}: ${String(params?.text)}`);
        }
    }
}
