/** When what runs will be complete. */
import type { Data } from "./data";
import type { Lane } from "./layout";
import { estimated } from "./model";

export type Etas = ReadonlyMap<number, ReadonlyMap<number, number>>;

/** By builder and build. */
export function etasOf({ builds, told }: Pick<Data, "builds" | "told">): Etas {
    const found = new Map<number, Map<number, number>>();
    for (const [builder, column] of builds) {
        for (const build of column) {
            if (build.end !== Infinity) continue;
            const eta = estimated(build, told, column);
            if (eta === undefined) continue;
            const others = found.get(builder);
            if (others) others.set(build.id, eta);
            else found.set(builder, new Map([[build.id, eta]]));
        }
    }
    return found;
}

/** The latest of those that are shown. */
export function latestOf(etas: Etas, lanes: readonly Lane[]): number | undefined {
    const all = lanes.flatMap(({ builder }) => [...(etas.get(builder.id)?.values() ?? [])]);
    return all.length > 0 ? Math.max(...all) : undefined;
}
