/** Builds of a revision on a builder, as one cell. */
import { duration } from "../../base/time";
import type { Cell } from "../matrix/matrix";
import type { Shown } from "./filter";
import type { Builder, Revision } from "./model";
import { addressOf, buildsName } from "./words";

export interface RevisionCells {
    readonly has: (revision: Revision | undefined, builder: Builder | undefined) => boolean;
    /** `wide`: there is room for more than the mark. */
    readonly cell: (revision: Revision | undefined, builder: Builder | undefined, wide: boolean) => Cell | undefined;
}

export function cellsOf({ builds }: Shown, present: number): RevisionCells {
    const of = (revision: Revision | undefined, builder: Builder | undefined) =>
        revision && builder ? builds(revision, builder) : undefined;
    return {
        has: (revision, builder) => of(revision, builder) !== undefined,
        cell: (revision, builder, wide) => {
            const found = of(revision, builder);
            const newest = found?.[0];
            if (!found || !newest || !revision || !builder) return undefined;
            return {
                status: newest.status,
                href: addressOf(newest),
                name: buildsName(builder, revision, found, present),
                text: wide && newest.end !== undefined ? duration(newest.end - newest.at) : undefined,
                count: found.length > 1 ? found.length : undefined,
            };
        },
    };
}
