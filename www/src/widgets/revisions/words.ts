/** Revisions and builds, in words. */
import type { Status } from "../../base/results";
import { age, duration } from "../../base/time";
import type { Build, Builder, Revision } from "./model";

/** As people say it: a hash by its beginning. */
export function shortRevision(revision: string): string {
    return /^[0-9a-f]{12,}$/i.test(revision) ? revision.slice(0, 8) : revision;
}

export function revisionName({ revision, branch, key }: Revision): string {
    if (key === "none") return "no source";
    return revision ? shortRevision(revision) : `latest of ${branch}`;
}

const WORDS: Readonly<Partial<Record<Status, string>>> = {
    unknown: "never ended",
    pending: "waiting",
};

export function statusWord(status: Status): string {
    return WORDS[status] ?? status;
}

/** What somebody hears who comes to the builds of a revision on a builder: all of it. */
export function buildsName(builder: Builder, revision: Revision, builds: readonly Build[], present: number): string {
    const [newest] = builds;
    if (!newest) return "";
    const number = newest.number === undefined ? "" : ` #${newest.number}`;
    const took = newest.end === undefined ? "" : ` after ${duration(newest.end - newest.at)}`;
    const others = builds.length > 1 ? `; the newest of ${builds.length}` : "";
    return `${builder.name}${number}, revision ${revisionName(revision)}, ${statusWord(newest.status)}${took}, ${ageOf(newest.at, present)}${others}`;
}

/** By a clock that moves each minute: what came since it moved is now. */
export function ageOf(at: number, present: number): string {
    return age(at, Math.max(at, present));
}

/** Where a build is shown; of what waits, where the queue is. */
export function addressOf({ builder, number }: Build): string {
    return number === undefined ? `builders/${builder}` : `builders/${builder}/builds/${number}`;
}
