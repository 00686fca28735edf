/** Builders grouped by tag, and what became of a group's builds. */
import { isBad, worst, type Status } from "../../base/results";
import { compareNames } from "../../base/text";
import type { Shown } from "../../widgets/revisions/filter";
import type { Builder, Revision } from "../../widgets/revisions/model";

export interface Group {
    /** Undefined: those that have none. */
    readonly tag: string | undefined;
    readonly builders: readonly Builder[];
}

/**
 * Each builder in one group: of its tags the one that most builders have, because that parts them into the fewest groups, but
 * none that all have, because that parts nothing. By name, and at last those without a tag.
 */
export function groupsOf(builders: readonly Builder[]): Group[] {
    const counts = new Map<string, number>();
    for (const { tags } of builders) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    const found = new Map<string | undefined, Builder[]>();
    for (const builder of builders) {
        const [tag] = builder.tags
            .filter((each) => counts.get(each) !== builders.length)
            .sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || compareNames(a, b));
        const others = found.get(tag);
        if (others) others.push(builder);
        else found.set(tag, [builder]);
    }
    return [...found]
        .map(([tag, builders]) => ({ tag, builders }))
        .sort((a, b) => (a.tag === undefined ? 1 : b.tag === undefined ? -1 : compareNames(a.tag, b.tag)));
}

/** Whether there is anything to open: not without tags, nor where each builder has one of its own. */
export function groupsAny(groups: readonly Group[]): boolean {
    return groups.some(({ builders }) => builders.length > 1) && (groups.length > 1 || groups[0]?.tag !== undefined);
}

export interface Summary {
    /** The worst. */
    readonly status: Status;
    /** How many of each, in words. */
    readonly words: string;
    /** Of how many builders the newest build went wrong. */
    readonly bad: number;
    readonly all: number;
}

/** Of the newest build of each builder; undefined if there is none. */
export function summed({ builds }: Shown, { builders }: Group, revision: Revision): Summary | undefined {
    const counts = new Map<Status, number>();
    let [bad, all] = [0, 0];
    for (const builder of builders) {
        const status = builds(revision, builder)?.[0]?.status;
        if (!status) continue;
        counts.set(status, (counts.get(status) ?? 0) + 1);
        all += 1;
        if (isBad(status)) bad += 1;
    }
    const status = worst(counts.keys());
    if (!status) return undefined;
    const words = [...counts].map(([each, count]) => `${count} ${each}`).join(", ");
    return { status, words, bad, all };
}

/** What the address says of open groups where all are to be closed, though they would be open by themselves. */
export const NONE = "-";

/** Tags of the groups that are open: those that the address names, or if it names none, all of them if there is room for all. */
export function openTags(groups: readonly Group[], named: readonly string[], room: number): ReadonlySet<string> {
    if (named.length > 0) return new Set(named);
    const count = groups.reduce((sum, { builders }) => sum + builders.length, 0);
    return new Set(count <= room ? groups.map(labelOf) : []);
}

export function labelOf({ tag }: Group): string {
    return tag ?? "no tag";
}

/** What the address says when a group is opened that was closed, or the other way. */
export function toggled(open: ReadonlySet<string>, label: string): readonly string[] {
    const others = [...open].filter((each) => each !== label && each !== NONE);
    const now = open.has(label) ? others : [...others, label];
    return now.length ? now : [NONE];
}
