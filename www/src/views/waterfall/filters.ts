/** What is to be seen, as the address says it. */
import { STATUSES, type Status } from "../../base/results";
import { SPANS } from "./scale";
import type { Build, Builder, Commit } from "./model";

export interface Wanted {
    /** Builders that have one of them; all builders without any. */
    readonly tags: readonly string[];
    /** Builds of one of them; `""` is the default branch. */
    readonly branches: readonly string[];
    readonly results: readonly Status[];
    /** In a builder's name, or in what a build says of itself. */
    readonly text: string;
    /** An index in SPANS; undefined: what fits the builds. */
    readonly span: number | undefined;
    /** What was then is on top; undefined: the present. In seconds since the epoch. */
    readonly until: number | undefined;
}

/** What is no such value is as if it were not there. */
export function wantedOf(query: URLSearchParams): Wanted {
    const span = SPANS.findIndex(({ name }) => name === query.get("span"));
    const until = Date.parse(query.get("until") ?? "") / 1000;
    return {
        tags: query.getAll("tag"),
        branches: query.getAll("branch"),
        results: STATUSES.filter((status) => query.getAll("result").includes(status)),
        text: query.get("text") ?? "",
        span: span < 0 ? undefined : span,
        until: Number.isFinite(until) ? until : undefined,
    };
}

/** The address of the page on which that is to be seen. */
export function addressOf(wanted: Wanted): string {
    const query = new URLSearchParams();
    for (const tag of wanted.tags) query.append("tag", tag);
    for (const branch of wanted.branches) query.append("branch", branch);
    for (const result of wanted.results) query.append("result", result);
    if (wanted.text !== "") query.append("text", wanted.text);
    const span = wanted.span === undefined ? undefined : SPANS[wanted.span];
    if (span) query.append("span", span.name);
    if (wanted.until !== undefined) query.append("until", new Date(wanted.until * 1000).toISOString());
    const text = query.toString();
    return text === "" ? "waterfall" : `waterfall?${text}`;
}

/** Whether some builds are left out, and not only whole builders by their tags. */
export function narrows({ branches, results, text }: Wanted): boolean {
    return branches.length > 0 || results.length > 0 || text !== "";
}

export function hasTag(builder: Builder, { tags }: Wanted): boolean {
    return tags.length === 0 || tags.some((tag) => builder.tags.includes(tag));
}

/** Of a builder whose name has the text, all builds are meant. */
export function nameMatches(builder: Builder, { text }: Wanted): boolean {
    return text === "" || builder.name.toLowerCase().includes(text.toLowerCase());
}

export function buildMatches(build: Build, wanted: Wanted, named: boolean): boolean {
    const { branches, results } = wanted;
    if (results.length > 0 && !results.includes(build.status)) return false;
    if (branches.length > 0 && !branches.some((branch) => build.branches.includes(branch))) return false;
    if (named) return true;
    const text = wanted.text.toLowerCase();
    return words(build).includes(text);
}

export function commitMatches(commit: Commit, { branches }: Wanted): boolean {
    return branches.length === 0 || branches.includes(commit.branch);
}

const known = new WeakMap<Build, string>();

function words(build: Build): string {
    let text = known.get(build);
    if (text === undefined) {
        text = [
            `#${build.number}`,
            build.text,
            ...build.branches,
            ...build.steps.flatMap(({ name, text }) => [name, text]),
        ]
            .join("\n")
            .toLowerCase();
        known.set(build, text);
    }
    return text;
}
