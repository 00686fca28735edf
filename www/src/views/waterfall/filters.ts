/** Which builders, builds and changes a filter leaves. */
import type { Filter } from "../../widgets/filters";
import type { Build, Builder, Commit } from "./model";

/** Whether some builds are left out, and not only whole builders by their tags. */
export function narrows({ branch, results, text }: Filter): boolean {
    return branch !== "" || results.length > 0 || text !== "";
}

export function hasTag(builder: Builder, { tag }: Filter): boolean {
    return tag.length === 0 || tag.some((wanted) => builder.tags.includes(wanted));
}

/** Of a builder whose name has the text, all builds are meant. */
export function nameMatches(builder: Builder, { text }: Filter): boolean {
    return text === "" || builder.name.toLowerCase().includes(text.toLowerCase());
}

export function buildMatches(build: Build, filter: Filter, named: boolean): boolean {
    if (filter.results.length > 0 && !filter.results.includes(build.status)) return false;
    if (filter.branch !== "" && !build.branches.some((branch) => branch.includes(filter.branch))) return false;
    return named || words(build).includes(filter.text.toLowerCase());
}

/** Texts are about builds: changes stay. */
export function commitMatches({ branch }: Commit, filter: Filter): boolean {
    return branch.includes(filter.branch);
}

const known = new WeakMap<Build, string>();

/** All that a build says of itself. */
function words(build: Build): string {
    let said = known.get(build);
    if (said === undefined) {
        const { number, text, branches, steps } = build;
        said = [`#${number}`, text, ...branches, ...steps.flatMap((step) => [step.name, step.text])].join("\n");
        known.set(build, (said = said.toLowerCase()));
    }
    return said;
}
