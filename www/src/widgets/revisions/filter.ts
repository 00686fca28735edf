/** Which builders, revisions and builds are shown. */
import { compareStatus, type Status } from "../../base/results";
import { compareNames } from "../../base/text";
import type { Filter } from "../filters";
import type { Build, Builder, Revision } from "./model";

export interface Shown {
    readonly builders: readonly Builder[];
    readonly revisions: readonly Revision[];
    /** Builds of a revision on a builder that are wanted, the newest first; undefined of none. */
    readonly builds: (revision: Revision, builder: Builder) => readonly Build[] | undefined;
}

/**
 * Text is looked for in names of builders and in all that is said of revisions: a build is wanted if either has it. Rows and
 * columns without any wanted build are left out where builds are narrowed down, else only builders that nothing runs any more.
 */
export function filtered(builders: readonly Builder[], revisions: readonly Revision[], filter: Filter): Shown {
    const text = filter.text.trim().toLowerCase();
    const results = new Set(filter.results);
    const tagged = new Map(
        builders.filter((builder) => hasTag(builder, filter.tag)).map((builder) => [builder.id, builder]),
    );
    const named = new Set([...tagged.values()].filter(({ name }) => name.toLowerCase().includes(text)));
    const isOf = branchTest(revisions, filter.branch);
    const used = new Set<Builder>();
    const cells = new Map<Revision, ReadonlyMap<number, readonly Build[]>>();
    const narrowed = text !== "" || results.size > 0;
    const rows = revisions.filter((revision) => {
        if (!isOf(revision.branch)) return false;
        const said = wordsOf(revision).includes(text);
        const wanted = new Map<number, readonly Build[]>();
        for (const [id, builds] of revision.builds) {
            const builder = tagged.get(id);
            if (!builder || !(said || named.has(builder))) continue;
            const found = results.size ? builds.filter(({ status }) => results.has(status)) : builds;
            if (found.length === 0) continue;
            wanted.set(id, found);
            used.add(builder);
        }
        cells.set(revision, wanted);
        return wanted.size > 0 || !narrowed || (said && results.size === 0);
    });
    return {
        builders: [...tagged.values()].filter((builder) => used.has(builder) || (!narrowed && builder.active)),
        revisions: rows,
        builds: (revision, builder) => cells.get(revision)?.get(builder.id),
    };
}

function hasTag({ tags }: Builder, wanted: readonly string[]): boolean {
    return wanted.length === 0 || wanted.some((tag) => tags.includes(tag));
}

/** While somebody writes the name of a branch, those are meant that have it in theirs. */
function branchTest(revisions: readonly Revision[], wanted: string): (branch: string) => boolean {
    if (wanted === "") return () => true;
    if (revisions.some(({ branch }) => branch === wanted)) return (branch) => branch === wanted;
    const part = wanted.toLowerCase();
    return (branch) => branch.toLowerCase().includes(part);
}

function wordsOf({ revision, branch, codebase, commit }: Revision): string {
    return [revision, branch, codebase, commit?.author, commit?.message].join("\n").toLowerCase();
}

/** By name, or those first whose newest build that has ended went worst. */
export function sorted({ builders, revisions, builds }: Shown, worstFirst: boolean): readonly Builder[] {
    const all = [...builders].sort((a, b) => compareNames(a.name, b.name));
    if (!worstFirst) return all;
    const states = new Map(all.map((builder) => [builder, latest(builder)]));
    return all.sort((a, b) => compareStatus(states.get(a) ?? "skipped", states.get(b) ?? "skipped"));

    function latest(builder: Builder): Status | undefined {
        for (const revision of revisions) {
            const ended = builds(revision, builder)?.find(({ end }) => end !== undefined);
            if (ended) return ended.status;
        }
        return undefined;
    }
}
