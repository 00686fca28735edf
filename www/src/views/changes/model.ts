/** Changes, from the rows of the API. */
import { grouped } from "../../base/grouped";
import { compareStatus, statusOf, worst, type Status } from "../../base/results";
import { compareNames, firstLine, personOf, shortRevision } from "../../base/text";
import type { BuilderRow, BuildRow, ChangeRow } from "./queries";

export interface Change {
    readonly id: number;
    readonly person: string;
    readonly title: string;
    /** What it says below its title. */
    readonly rest: string;
    readonly at: number;
    readonly branch: string;
    readonly revision: string;
    /** Where it can be looked at; only what is an address of the web. */
    readonly link: string | undefined;
    /** The last build of each builder that built just it, the worst first. */
    readonly builds: readonly Build[];
    readonly status: Status | undefined;
}

export interface Build {
    readonly id: number;
    readonly number: number;
    readonly builder: number;
    readonly name: string;
    readonly status: Status;
}

export function changeOf(
    row: ChangeRow,
    builders: ReadonlyMap<number, string>,
    all: readonly BuildRow[] = row.builds ?? [],
): Change {
    const title = firstLine(row.comments);
    const builds = buildsOf(all, builders);
    return {
        id: row.changeid,
        person: personOf(row.author),
        title,
        rest: row.comments.trimStart().slice(title.length).trim(),
        at: row.when_timestamp,
        branch: row.branch ?? "",
        revision: shortRevision(row.revision ?? ""),
        link: row.revlink && /^https?:[/][/]/i.test(row.revlink) ? row.revlink : undefined,
        builds,
        status: worst(builds.map(({ status }) => status)),
    };
}

function buildsOf(builds: readonly BuildRow[], builders: ReadonlyMap<number, string>): Build[] {
    const newest = new Map<number, Build>();
    for (const { buildid: id, number, builderid: builder, results } of builds) {
        const name = builders.get(builder) ?? `builder ${builder}`;
        const other = newest.get(builder);
        if (!other || other.id < id) newest.set(builder, { id, number, builder, name, status: statusOf(results) });
    }
    return [...newest.values()].sort((a, b) => compareStatus(a.status, b.status) || compareNames(a.name, b.name));
}

/** Builds by the source stamps that they are of. */
export function byStamp<Row extends { readonly sourcestamps: readonly { readonly ssid: number }[] }>(
    builds: readonly Row[],
): ReadonlyMap<number, readonly Row[]> {
    const pairs = builds.flatMap((build) => build.sourcestamps.map(({ ssid }) => ({ ssid, build })));
    return new Map([...grouped(pairs, ({ ssid }) => ssid)].map(([ssid, of]) => [ssid, of.map(({ build }) => build)]));
}

export function namesOf(builders: readonly BuilderRow[]): ReadonlyMap<number, string> {
    return new Map(builders.map(({ builderid, name }) => [builderid, name]));
}
