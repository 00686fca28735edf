/** A server with builds that happen, each with a database of its own, and a proxy to it that cuts what is open. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { change } from "./pages";

const BUILDBOT = fileURLToPath(new URL("../../.venv/bin/buildbot", import.meta.url));
/** Has the server end with the tests, also where those are killed; of Linux. */
const SETPRIV = "/usr/bin/setpriv";
const COMMAND = existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", "TERM", BUILDBOT] : [BUILDBOT];
/** Tests that need a server are left out where there is none, as in a checkout of www/ alone. */
export const HAS_SERVER = existsSync(BUILDBOT);

/** Below those that the system gives to clients. */
export function anyPort(): number {
    return 20000 + Math.floor(Math.random() * 12000);
}

export class Replay {
    readonly port: number;
    /** The file. */
    readonly database: string;
    readonly #folder: string;
    readonly #args: readonly string[];
    /** Of `buildbot attach`. */
    readonly #attached: readonly string[];
    #process: ChildProcess | undefined;

    private constructor(
        port: number,
        folder: string,
        args: readonly string[],
        database = join(folder, "replay.sqlite"),
        attached: readonly string[] = ["--state", "none"],
    ) {
        this.#attached = attached;
        this.database = database;
        this.port = port;
        this.#folder = folder;
        this.#args = args;
    }

    /** With the arguments of `buildbot replay`: `--lives`, `--rate`. */
    static async start(...args: readonly string[]): Promise<Replay> {
        const replay = new Replay(anyPort(), await mkdtemp(join(tmpdir(), "replay-")), args);
        await replay.serve(...args);
        return replay;
    }

    /** With a database in which so many lives have come to their ends, and a master that waits for more; it serves nothing yet. */
    static async played(lives: number, ...args: readonly string[]): Promise<Replay> {
        const replay = new Replay(anyPort(), await mkdtemp(join(tmpdir(), "replay-")), args);
        const [program = "", ...first] = COMMAND;
        const given = ["--db", replay.#url, "--lives", String(lives), ...args];
        await promisify(execFile)(program, [...first, "replay", ...given]);
        // Its masters have stopped at the end.
        change(replay.database, [
            ["UPDATE masters SET active = 1 WHERE id = 1"],
            ["INSERT INTO builder_masters (builderid, masterid) SELECT id, 1 FROM builders"],
        ]);
        return replay;
    }

    /** Beside a database that another one writes, with a state file, as a buildmaster's server is; with the arguments of `buildbot attach`. */
    static async beside(database: string, ...args: readonly string[]): Promise<Replay> {
        const folder = await mkdtemp(join(tmpdir(), "attach-"));
        const beside = new Replay(anyPort(), folder, [], database, ["--state", join(folder, "log.sqlite"), ...args]);
        await beside.attach();
        return beside;
    }

    get base(): URL {
        return new URL(`http://127.0.0.1:${this.port}/`);
    }

    /** Begin, or go on with the same database at the same address. */
    async serve(...args: readonly string[]): Promise<void> {
        await this.#run(
            "replay",
            "--db",
            this.#url,
            "--serve",
            String(this.port),
            ...(args.length ? args : this.#args),
        );
    }

    /** Beside the same database, in which others write: looks for what is new. */
    async attach(): Promise<void> {
        await this.#run("attach", "--db", this.#url, "--port", String(this.port), ...this.#attached);
    }

    get #url(): string {
        return `sqlite:///${this.database}`;
    }

    async #run(...given: readonly string[]): Promise<void> {
        const [program = "", ...first] = COMMAND;
        const process = spawn(program, [...first, ...given], { stdio: ["ignore", "pipe", "pipe"] });
        this.#process = process;
        await new Promise<void>((resolve, reject) => {
            let said = "";
            const listen = (chunk: Buffer) => {
                said += chunk.toString();
                if (said.includes("Ctrl-C")) resolve();
            };
            process.stdout.on("data", listen);
            process.stderr.on("data", listen);
            process.on("exit", (code) =>
                reject(new Error(`buildbot ${given[0] ?? ""} ended with ${String(code)}: ${said}`)),
            );
        });
    }

    /** End the server, and begin with another database at the same address. */
    async forget(): Promise<void> {
        await this.halt();
        await rm(this.#folder, { recursive: true });
        await mkdir(this.#folder);
        await this.serve();
    }

    /** End the server; the database stays. */
    async halt(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
        const process = this.#process;
        this.#process = undefined;
        if (process?.exitCode !== null) return;
        const ended = new Promise((resolve) => process.once("exit", resolve));
        process.kill(signal);
        await ended;
    }

    async close(): Promise<void> {
        await this.halt();
        await rm(this.#folder, { recursive: true });
    }
}

/** Hands connections on to a port, until it is told to cut them. */
export class Proxy {
    readonly port: number;
    /** How many connections were made by it. */
    made = 0;
    /** How many of them are WebSockets. */
    sockets = 0;
    /** New ones are refused. */
    isDown = false;
    /** Milliseconds that what the server says is on its way. */
    delay = 0;
    readonly #server: Server;
    readonly #open = new Set<Socket>();

    private constructor(server: Server) {
        this.#server = server;
        this.port = (server.address() as AddressInfo).port;
    }

    static async to(port: number): Promise<Proxy> {
        const server = createServer();
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(anyPort(), "127.0.0.1", resolve);
        });
        const proxy = new Proxy(server);
        server.on("connection", (client) => proxy.#hand(client, port));
        return proxy;
    }

    get base(): URL {
        return new URL(`http://127.0.0.1:${this.port}/`);
    }

    /** Cut everything that is open, in the middle of whatever it says. */
    cut(): void {
        for (const socket of this.#open) socket.destroy();
    }

    async close(): Promise<void> {
        const stopped = new Promise((resolve) => this.#server.close(resolve));
        this.cut();
        await stopped;
    }

    #hand(client: Socket, port: number): void {
        if (this.isDown) return void client.destroy();
        this.made += 1;
        const server = connect(port, "127.0.0.1");
        client.once("data", (chunk) => {
            if (/^upgrade: *websocket/im.test(chunk.toString("latin1"))) this.sockets += 1;
        });
        client.pipe(server);
        server.on("data", (chunk) => setTimeout(() => client.writable && client.write(chunk), this.delay));
        const pair = [client, server];
        for (const socket of pair) {
            this.#open.add(socket);
            socket.on("error", () => undefined);
            socket.on("close", () => {
                for (const each of pair) {
                    each.destroy();
                    this.#open.delete(each);
                }
            });
        }
    }
}
