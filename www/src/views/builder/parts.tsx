/** What several parts of the page show alike. */
import type { Source, Suspect } from "./model";

export function BuildLink({ id, number }: { id: number; number: number }) {
    return <a href={`builders/${id}/builds/${number}`}>#{number}</a>;
}

export function ChangeLink({ change: { id, title } }: { change: Suspect }) {
    return (
        <a class="change" href={`changes/${id}`} title={title}>
            <bdi>{title || `change ${id}`}</bdi>
        </a>
    );
}

export function Sources({ sources }: { sources: readonly Source[] }) {
    return (
        <span class="sources">
            {sources.map(({ branch, revision }, index) => (
                <span key={index}>
                    {index > 0 && ", "}
                    <bdi>{branch || "default branch"}</bdi>
                    {revision && (
                        <>
                            {" "}
                            <code>{revision}</code>
                        </>
                    )}
                </span>
            ))}
        </span>
    );
}
