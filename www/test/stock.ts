/** A stock buildmaster that builds, with its worker, in processes of their own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { vi } from "vitest";
import { PYTHON } from "./pages";

const PATIENCE = 60_000;

export class Stock {
    readonly #folder: string;
    readonly #process: ChildProcess;
    readonly #said: AsyncIterator<string>;
    readonly #words: FileHandle[] = [];

    private constructor(folder: string, process: ChildProcess, said: Interface) {
        this.#folder = folder;
        this.#process = process;
        this.#said = said[Symbol.asyncIterator]();
    }

    /** Installs it first, where that has not been done. */
    static async start(): Promise<Stock> {
        const folder = await mkdtemp(join(tmpdir(), "stock-"));
        const process = spawn(PYTHON, ["-m", "buildbot.test.live", folder], { stdio: ["pipe", "pipe", "inherit"] });
        const stock = new Stock(folder, process, createInterface(process.stdout));
        await stock.#done();
        return stock;
    }

    /** The file. */
    get database(): string {
        return join(this.#folder, "state.sqlite");
    }

    /** Have one of its builders build: `small`, or `dictated`, which says what it is told. */
    force(builder: string): Promise<void> {
        return this.#do(`force ${builder}`);
    }

    /** End the buildmaster, without a warning; the worker stays. */
    kill(): Promise<void> {
        return this.#do("kill");
    }

    /** The buildmaster again, after `kill`. */
    restart(): Promise<void> {
        return this.#do("start");
    }

    /** What the next build of `dictated` is to say, as soon as it listens; it ends when this is closed. */
    async dictate(): Promise<FileHandle> {
        const path = join(this.#folder, "worker", "dictated", "build", "words");
        // Fails at once as long as nobody reads.
        const words = await vi.waitFor(() => open(path, constants.O_WRONLY | constants.O_NONBLOCK), PATIENCE);
        this.#words.push(words);
        return words;
    }

    async close(): Promise<void> {
        await Promise.all(this.#words.map((words) => words.close()));
        const ended = once(this.#process, "exit");
        this.#process.stdin?.end();
        if (this.#process.exitCode === null) await ended;
        await rm(this.#folder, { recursive: true });
    }

    async #do(command: string): Promise<void> {
        this.#process.stdin?.write(`${command}\n`);
        await this.#done();
    }

    async #done(): Promise<void> {
        const { done } = await this.#said.next();
        if (done) throw new Error("The stock buildmaster could not be run; what it said is above.");
    }
}
