/** Builds that somebody watches: told when they end, also in a tab that nobody looks at. */
import { signal, type ReadonlySignal } from "@preact/signals-core";
import { statusOf, SYMBOLS } from "./results";

export interface Watched {
    readonly buildid: number;
    /** What it is called, such as `linux #7`. */
    readonly name: string;
    /** Its page's address. */
    readonly href: string;
}

/** Who knows when builds end. */
export interface BuildEnds {
    /** Calls `ended` once, when the build is complete, at once if it is already; until what is returned is called. */
    watch(buildid: number, ended: (build: Ended | undefined) => void): () => void;
}

/** How a build ended; nothing is known of one that is not there any more. */
export interface Ended {
    readonly results: number | null;
    readonly state_string: string;
}

/** Who tells people. A second note with the same `tag` takes the place of the first: each tab of a browser may tell. */
export type Tell = (note: { title: string; body: string; tag: string; href: string }) => void;

const KEY = "buildbot-status-watched";
/** Who watches more has forgotten the first. */
const MOST = 50;

export class Watches {
    readonly #all = signal<readonly Watched[]>([]);
    readonly #ends = new Map<number, () => void>();
    readonly #storage: Pick<Storage, "getItem" | "setItem">;
    readonly #builds: BuildEnds;
    readonly #tell: Tell;

    constructor(storage: Pick<Storage, "getItem" | "setItem">, builds: BuildEnds, tell: Tell) {
        [this.#storage, this.#builds, this.#tell] = [storage, builds, tell];
        this.#take(kept(storage));
    }

    get all(): ReadonlySignal<readonly Watched[]> {
        return this.#all;
    }

    /** Watch a build, or not any more. */
    toggle(build: Watched): void {
        const others = this.#all.peek().filter(({ buildid }) => buildid !== build.buildid);
        this.#keep(others.length < this.#all.peek().length ? others : [...others, build].slice(-MOST));
    }

    /** What another tab has kept. */
    read(): void {
        this.#take(kept(this.#storage));
    }

    #keep(watched: readonly Watched[]) {
        this.#take(watched);
        try {
            this.#storage.setItem(KEY, JSON.stringify(this.#all.peek()));
        } catch {
            // Then they are watched until the page is left.
        }
    }

    #take(watched: readonly Watched[]) {
        const wanted = new Set(watched.map(({ buildid }) => buildid));
        for (const [buildid, end] of this.#ends) {
            if (wanted.has(buildid)) continue;
            end();
            this.#ends.delete(buildid);
        }
        this.#all.value = watched;
        for (const build of watched) {
            if (this.#ends.has(build.buildid)) continue;
            // It may be complete already: then it is told of before there is anything to end.
            this.#ends.set(build.buildid, () => undefined);
            const end = this.#builds.watch(build.buildid, (ended) => this.#ended(build, ended));
            if (this.#ends.has(build.buildid)) this.#ends.set(build.buildid, end);
            else end();
        }
    }

    #ended(build: Watched, ended: Ended | undefined) {
        if (ended) {
            const status = statusOf(ended.results);
            this.#tell({
                title: `${SYMBOLS[status]} ${build.name}: ${status}`,
                body: ended.state_string,
                tag: `build-${build.buildid}`,
                href: build.href,
            });
        }
        this.#keep(this.#all.peek().filter(({ buildid }) => buildid !== build.buildid));
    }
}

/** Whatever stands there: it may be of another version, or of somebody who plays with it. */
function kept(storage: Pick<Storage, "getItem">): readonly Watched[] {
    try {
        const read: unknown = JSON.parse(storage.getItem(KEY) ?? "[]");
        return Array.isArray(read) ? read.filter(isWatched).slice(-MOST) : [];
    } catch {
        return [];
    }
}

function isWatched(thing: unknown): thing is Watched {
    if (typeof thing !== "object" || thing === null) return false;
    const { buildid, name, href } = thing as Record<string, unknown>;
    return Number.isInteger(buildid) && typeof name === "string" && typeof href === "string";
}
