/** Who changed what since the last build that was good. */
import { useState } from "preact/hooks";
import { digits } from "../../base/text";
import { Age } from "../../widgets/times";
import { shortRevision, type Commit } from "./model";

/** So many stand there at once. */
const FEW = 5;

export function Changes({
    commits,
    total,
    since,
    heading: Heading,
}: {
    commits: readonly Commit[];
    total: number;
    since: { readonly number: number; readonly href: string } | undefined;
    heading: "h2" | "h3";
}) {
    const [all, setAll] = useState(false);
    const shown = all || commits.length <= FEW + 1 ? commits : commits.slice(0, FEW);
    return (
        <section class="build-changes" aria-labelledby="changes">
            <Heading id="changes">
                Changes{" "}
                <span class="quiet">
                    {total > 0 && digits(total)}{" "}
                    {since && (
                        <>
                            since the last good build, <a href={since.href}>#{since.number}</a>
                        </>
                    )}
                </span>
            </Heading>
            {commits.length === 0 && <p class="quiet">None that the last good build did not have.</p>}
            <ul>
                {shown.map((commit) => (
                    <li key={commit.id}>
                        <details>
                            <summary>
                                <bdi class="title">{commit.title}</bdi>{" "}
                                <span class="quiet">
                                    <bdi title={commit.address}>{commit.author}</bdi>, <Age at={commit.at} />
                                </span>
                            </summary>
                            {commit.rest && <p class="message">{commit.rest}</p>}
                            <p class="quiet">
                                {commit.revision && <Revision commit={commit} />}
                                {commit.branch && (
                                    <>
                                        {" "}
                                        on <bdi>{commit.branch}</bdi>
                                    </>
                                )}{" "}
                                <a href={`changes/${commit.id}`}>change {commit.id}</a>
                            </p>
                            <ul class="files">
                                {commit.files.slice(0, 50).map((file) => (
                                    <li key={file}>
                                        <bdi class="code">{file}</bdi>
                                    </li>
                                ))}
                                {commit.files.length > 50 && (
                                    <li class="quiet">and {digits(commit.files.length - 50)} more files</li>
                                )}
                            </ul>
                        </details>
                    </li>
                ))}
            </ul>
            {shown.length < commits.length && (
                <button type="button" class="button bare" onClick={() => setAll(true)}>
                    {commits.length - shown.length} more
                </button>
            )}
            {shown.length === commits.length && total > shown.length && (
                <p class="quiet">and {digits(total - commits.length)} older ones</p>
            )}
        </section>
    );
}

function Revision({ commit }: { commit: Commit }) {
    const text = <bdi class="code">{shortRevision(commit.revision)}</bdi>;
    if (commit.href === undefined) return <span title={commit.revision}>{text}</span>;
    return (
        <a href={commit.href} title={commit.revision} rel="noreferrer">
            {text}
        </a>
    );
}
