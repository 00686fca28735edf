/** Heads of rows and columns. */
import { personOf } from "../../base/text";
import type { Builder, Revision } from "./model";
import { ageOf, revisionName } from "./words";

export function BuilderHead({ builder: { id, name }, upright = false }: { builder: Builder; upright?: boolean }) {
    return (
        <a class={`line-head${upright ? " upright" : ""}`} href={`builders/${id}`} title={name}>
            <span>
                <bdi>{name}</bdi>
            </span>
        </a>
    );
}

/** Leads to where all of it is told. `roomy`: what was committed, and by whom, finds room, too. */
export function RevisionHead({
    revision,
    present,
    roomy = false,
}: {
    revision: Revision;
    present: number;
    roomy?: boolean;
}) {
    const { key, branch, at, commit } = revision;
    const name = revisionName(revision);
    const title = [commit?.title, commit?.author].filter(Boolean).join(", by ");
    return (
        <a class="line-head" href={`console?${new URLSearchParams({ open: key }).toString()}`} title={title || name}>
            <code>
                <bdi>{revision.revision || key === "none" ? name : "latest"}</bdi>
            </code>
            <span class="quiet">
                <bdi>{branch}</bdi>
            </span>
            {roomy && commit && (
                <span class="what">
                    <bdi>{commit.title}</bdi>{" "}
                    <span class="quiet">
                        <bdi>{personOf(commit.author)}</bdi>
                    </span>
                </span>
            )}
            <span class="quiet">{ageOf(at, present)}</span>
        </a>
    );
}
