/** What the palette finds, and how it asks for it. */
import { fuzzy } from "../base/fuzzy";
import type { Status } from "../base/results";

/** Something to go to, or to do. */
export interface Entry {
    readonly title: string;
    /** What is said of it besides, in a few words; it is found by them too. */
    readonly detail?: string;
    readonly status?: Status;
    /** Where it leads, relative to the root of the pages. */
    readonly href?: string;
    /** What it does, where it leads nowhere. */
    readonly run?: () => void;
}

export interface Source {
    /** What kind of things it has, such as `Builders`. */
    readonly name: string;
    /** Those that may be meant. They are compared with what was typed afterwards, but for those of an `exact` source. */
    readonly entries: (typed: string, signal: AbortSignal) => readonly Entry[] | Promise<readonly Entry[]>;
    /** Its entries all match: it has looked for what was typed itself. */
    readonly exact?: boolean;
    /** Its entries are first to hand while nothing is typed; what is typed means one of them less likely than any other. */
    readonly usual?: boolean;
}

export interface Found extends Entry {
    readonly source: string;
    /** Letters of the title that were typed. */
    readonly at: readonly number[];
}

/** More than anybody reads. */
const MOST = 40;

/** The entries of a source that match what was typed, each with how well; the shorter first, if something was. */
export function matching(source: Source, entries: readonly Entry[], typed: string): (Found & { score: number })[] {
    const found = entries.flatMap((entry) => {
        const { title, detail = "" } = entry;
        // What is said besides makes a title no longer, and so no worse.
        const found = fuzzy(typed, title) ?? fuzzy(typed, `${title} ${detail}`);
        if (!found && !source.exact) return [];
        const at = (found?.at ?? []).filter((place) => place < title.length);
        return [{ ...entry, source: source.name, at, score: found?.score ?? 100 }];
    });
    return typed.trim() ? found.sort((a, b) => a.title.length - b.title.length) : found;
}

/**
 * Ask all sources. `tell` is called with what is known whenever one has answered: the best first, and of those that match
 * alike in the order of the sources; and with the names of those that could not answer.
 */
export async function ask(
    sources: readonly Source[],
    typed: string,
    signal: AbortSignal,
    tell: (found: readonly Found[], silent: readonly string[]) => void,
): Promise<void> {
    const ranked = typed.trim()
        ? sources.toSorted((a, b) => Number(a.usual ?? false) - Number(b.usual ?? false))
        : sources;
    const known = new Map<Source, (Found & { score: number })[]>();
    const silent: string[] = [];
    await Promise.all(
        sources.map(async (source) => {
            try {
                known.set(source, matching(source, await source.entries(typed, signal), typed));
            } catch {
                silent.push(source.name);
            }
            if (signal.aborted) return;
            const all = ranked.flatMap((source) => known.get(source) ?? []);
            if (typed.trim()) all.sort((a, b) => b.score - a.score);
            tell(all.slice(0, MOST), silent);
        }),
    );
}
