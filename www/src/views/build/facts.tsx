/** Beside the steps: who asked for the build, where it ran, of what; and its properties. */
import { useState } from "preact/hooks";
import { duration } from "../../base/time";
import { counted } from "../../base/text";
import { Age } from "../../widgets/times";
import { buildHref, builderName, shortRevision, valueText, webAddress } from "./model";
import type { BuildRow } from "./queries";

/** With more than so many there is something to find them by. */
const MANY = 12;

export function Facts({ build }: { build: BuildRow }) {
    const { builder, worker, buildrequest, buildset, triggering_build: parent, sourcestamps } = build;
    const waited = buildrequest?.submitted_at === undefined ? 0 : build.started_at - buildrequest.submitted_at;
    return (
        <section class="build-facts" aria-labelledby="facts">
            <h2 id="facts">About it</h2>
            <dl>
                {builder && (
                    <>
                        <dt>Builder</dt>
                        <dd>
                            <a href={`builders/${build.builderid}`}>
                                <bdi>{builder.name}</bdi>
                            </a>
                        </dd>
                    </>
                )}
                {worker && (
                    <>
                        <dt>Worker</dt>
                        <dd>
                            <a href={`workers/${worker.workerid}`}>
                                <bdi>{worker.name}</bdi>
                            </a>
                        </dd>
                    </>
                )}
                {buildset && (
                    <>
                        <dt>Reason</dt>
                        <dd>
                            <bdi>{buildset.reason}</bdi>
                        </dd>
                    </>
                )}
                {parent && (
                    <>
                        <dt>Asked for by</dt>
                        <dd>
                            <a href={buildHref(parent.builderid, parent.number)}>
                                <bdi>
                                    {builderName(parent)} #{parent.number}
                                </bdi>
                            </a>
                        </dd>
                    </>
                )}
                <dt>Started</dt>
                <dd>
                    <Age at={build.started_at} />
                    {waited > 0 && <span class="quiet">, after {duration(waited)} in the queue</span>}
                    {build.locks_duration_s > 0 && (
                        <span class="quiet">, {duration(build.locks_duration_s)} waiting for locks</span>
                    )}
                </dd>
                {sourcestamps.map(({ ssid, codebase, branch, revision, repository, patch }) => (
                    <>
                        <dt key={ssid}>{codebase ? <bdi>{codebase}</bdi> : "Source"}</dt>
                        <dd>
                            <bdi>{branch ?? "default branch"}</bdi>{" "}
                            <bdi class="code" title={revision ?? ""}>
                                {revision ? shortRevision(revision) : "newest revision"}
                            </bdi>{" "}
                            <bdi class="quiet">{repository}</bdi>
                            {patch && <span class="tag">with a patch</span>}
                        </dd>
                    </>
                ))}
            </dl>
            <Properties properties={build.properties} />
        </section>
    );
}

function Properties({ properties }: { properties: BuildRow["properties"] }) {
    const [text, setText] = useState("");
    const all = Object.entries(properties)
        .map(([name, [value, source]]) => ({ name, value: valueText(value), source }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    const wanted = text.toLowerCase();
    const shown = all.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted));
    return (
        <>
            <h2 id="properties">
                Properties <span class="quiet">{all.length}</span>
            </h2>
            {all.length > MANY && (
                <input
                    type="search"
                    placeholder="Find a property"
                    aria-label="Find a property"
                    value={text}
                    onInput={(event) => setText(event.currentTarget.value)}
                />
            )}
            <table class="table properties" aria-labelledby="properties">
                <thead class="heard">
                    <tr>
                        <th scope="col">Name</th>
                        <th scope="col">Value</th>
                    </tr>
                </thead>
                <tbody>
                    {shown.map(({ name, value, source }) => (
                        <tr key={name}>
                            <th scope="row" title={source ? `from ${source}` : undefined}>
                                <bdi>{name}</bdi>
                            </th>
                            <td>
                                <Value text={value} />
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </>
    );
}

function Value({ text }: { text: string }) {
    const [all, setAll] = useState(false);
    const href = /^https?:/.test(text) ? webAddress(text) : undefined;
    if (href !== undefined && text.length < 300) {
        return (
            <a href={href} rel="noreferrer">
                <bdi>{text}</bdi>
            </a>
        );
    }
    if (text.length < 300 || all) return <bdi>{text}</bdi>;
    return (
        <>
            <bdi>{text.slice(0, 200)}</bdi>…{" "}
            <button type="button" class="button bare" onClick={() => setAll(true)}>
                all {counted(text.length, "character")}
            </button>
        </>
    );
}
