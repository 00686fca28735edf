/** A change that the address names, and that is older than those that are loaded. */
import type { ReadonlySignal } from "@preact/signals";
import { live } from "../../api/live";
import { useOne } from "../../widgets/live";
import { Empty, Problem, Skeleton } from "../../widgets/problem";
import { revisionsOf, type Builder } from "../../widgets/revisions/model";
import { CHANGE_FIELDS, type ChangeRow } from "../../widgets/revisions/queries";
import { Details } from "./details";

/** The number of a change whose revision has this key. */
export function changeOf(key: string): number | undefined {
    return /^c\d+$/.test(key) ? Number(key.slice(1)) : undefined;
}

export function Elsewhere({
    change,
    builders,
    present,
    close,
}: {
    change: number;
    builders: readonly Builder[];
    present: number;
    close: () => void;
}) {
    const one = useOne(live(`changes/${change}` as "changes/0", { field: CHANGE_FIELDS }, { topic: false }));
    // The document has two schemas of the name Change, of which the types have the other one.
    const row = (one.row as ReadonlySignal<unknown> as ReadonlySignal<ChangeRow | undefined>).value;
    const [revision] = row ? revisionsOf({ ...NOTHING, changes: [row] }) : [];
    return (
        <section class="elsewhere card" aria-label={`Change ${change}`}>
            <p>
                Older than what is loaded below:{" "}
                <button type="button" class="button" onClick={close}>
                    Close
                </button>
            </p>
            {revision ? (
                <Details revision={{ ...revision, whole: false }} builders={builders} present={present} />
            ) : one.error.value ? (
                <Problem error={one.error.value} />
            ) : one.state.value === "ready" ? (
                <Empty title="There is no such change (any more)" />
            ) : (
                <Skeleton lines={3} />
            )}
        </section>
    );
}

const NOTHING = { builds: [], moreBuilds: false, waiting: [], moreChanges: false, masters: [] };
