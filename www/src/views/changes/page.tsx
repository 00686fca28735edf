import { useMemo, useRef } from "preact/hooks";
import { counted } from "../../base/text";
import { Endless } from "../../widgets/endless";
import { PageHead } from "../../widgets/head";
import { useLines } from "../../widgets/lines";
import { useLive } from "../../widgets/live";
import { Badge, ResultMark } from "../../widgets/marks";
import { Empty, noneAt, Problem, Skeleton, type Failure } from "../../widgets/problem";
import { Age, Clock } from "../../widgets/times";
import type { PageProps } from "../../widgets/views";
import { byStamp, changeOf, namesOf, type Build, type Change } from "./model";
import { ALL, queriesOf, type ChangeRow } from "./queries";
import "./page.css";

export default function ChangesPage({ params }: PageProps<"changes" | "changes/:change">) {
    if (!("change" in params)) return <AllChanges />;
    const error = noneAt(params.change, "change");
    return error ? <NoChange id={params.change} error={error} /> : <OneChange id={params.change} />;
}

function NoChange({ id, error }: { id: string; error: Failure }) {
    return (
        <>
            <PageHead title={`Change ${id}`} />
            <Problem error={error}>
                <a href="changes">All changes</a>
            </Problem>
        </>
    );
}

function AllChanges() {
    const { changes, builds, builders } = useLive(ALL);
    const names = useMemo(() => namesOf(builders.rows.value), [builders.rows.value]);
    const ofStamps = useMemo(() => byStamp(builds.rows.value), [builds.rows.value]);
    const list = useRef<HTMLUListElement>(null);
    useLines(list, "change");
    const error = changes.error.value;
    const rows = changes.rows.value as readonly unknown[] as readonly ChangeRow[];
    const total = changes.total.value;
    const loadOlder = async () => {
        await changes.loadMore();
        const oldest = (changes.rows.peek() as readonly unknown[] as readonly ChangeRow[]).at(-1)?.when_timestamp ?? 0;
        if ((builds.rows.peek().at(-1)?.started_at ?? 0) > oldest) await builds.loadMore();
    };
    return (
        <>
            <PageHead title="Changes" below={total !== undefined && counted(total, "change")} />
            {changes.state.value === "failed" && error ? (
                <Problem error={error} />
            ) : changes.state.value === "loading" ? (
                <Skeleton />
            ) : rows.length === 0 ? (
                <Empty title="No change was reported">
                    They appear here as soon as a change source of a master finds one, or a hook tells of it.
                </Empty>
            ) : (
                <ul class="changes" ref={list}>
                    {rows.map((row) => (
                        <Line
                            key={row.changeid}
                            {...changeOf(row, names, ofStamps.get(row.sourcestamp?.ssid ?? 0) ?? [])}
                        />
                    ))}
                </ul>
            )}
            <Endless more={changes.more.value} load={loadOlder}>
                Older changes
            </Endless>
        </>
    );
}

function Line({ id, person, title, at, branch, revision, builds }: Change) {
    return (
        <li>
            <a class="title" href={`changes/${id}`} data-line>
                <bdi>{title || `change ${id}`}</bdi>
            </a>
            <span class="by">
                <bdi>{person}</bdi>,{" "}
                <span class="quiet">
                    <Age at={at} />
                </span>
            </span>
            <span class="quiet of">
                <bdi>{branch}</bdi> <code>{revision}</code>
            </span>
            <Builds builds={builds} />
        </li>
    );
}

function Builds({ builds }: { builds: readonly Build[] }) {
    return (
        <span class="builds">
            {builds.map(({ id, number, builder, name, status }) => (
                <a key={id} href={`builders/${builder}/builds/${number}`}>
                    <ResultMark status={status} word={`${name} #${number}: ${status}`} />
                </a>
            ))}
        </span>
    );
}

function OneChange({ id }: { id: string }) {
    const { change, builders } = useLive(queriesOf(id));
    const names = useMemo(() => namesOf(builders.rows.value), [builders.rows.value]);
    const row = (change.rows.value as readonly unknown[] as readonly ChangeRow[])[0];
    const error = change.error.value;
    if (!row) {
        if (error) return <NoChange id={id} error={error} />;
        return (
            <>
                <PageHead title={`Change ${id}`} />
                <Skeleton />
            </>
        );
    }
    const { title, rest, at, link, builds, status } = changeOf(row, names);
    return (
        <>
            <PageHead
                title={title || `Change ${id}`}
                {...(status ? { status } : {})}
                below={
                    <>
                        <bdi>{row.author}</bdi>, <Age at={at} />
                    </>
                }
            />
            {rest && (
                <pre class="change-text">
                    <bdi>{rest}</bdi>
                </pre>
            )}
            <dl class="change-facts">
                <dt>Revision</dt>
                <dd>
                    {link ? (
                        <a href={link} rel="noreferrer">
                            <code>{row.revision}</code>
                        </a>
                    ) : (
                        <code>{row.revision ?? "not told"}</code>
                    )}
                </dd>
                {facts(row).map(([name, value]) => (
                    <Fact key={name} name={name} value={value} />
                ))}
                <dt>When</dt>
                <dd>
                    <Clock at={at} />
                </dd>
            </dl>
            <h2>
                Builds <span class="quiet">{builds.length}</span>
            </h2>
            {builds.length === 0 && (
                <p class="quiet">None of just this change; builds of later ones hold it, if it is in their branch.</p>
            )}
            <ul class="change-builds">
                {builds.map((build) => (
                    <li key={build.id}>
                        <Badge status={build.status} />{" "}
                        <a href={`builders/${build.builder}/builds/${build.number}`}>
                            <bdi>{build.name}</bdi> #{build.number}
                        </a>
                    </li>
                ))}
            </ul>
            <h2>
                Files <span class="quiet">{row.files?.length ?? 0}</span>
            </h2>
            <ul class="change-files">
                {row.files?.map((file) => (
                    <li key={file}>
                        <code>
                            <bdi>{file}</bdi>
                        </code>
                    </li>
                ))}
            </ul>
        </>
    );
}

function Fact({ name, value }: { name: string; value: string }) {
    return (
        <>
            <dt>{name}</dt>
            <dd>
                <bdi>{value}</bdi>
            </dd>
        </>
    );
}

/** What there is to tell of it besides. */
function facts(row: ChangeRow): readonly (readonly [name: string, value: string])[] {
    const committer = row.committer === row.author ? null : row.committer;
    return (
        [
            ["Branch", row.branch],
            ["Repository", row.repository],
            ["Project", row.project],
            ["Codebase", row.codebase],
            ["Category", row.category],
            ["Committer", committer],
        ] as const
    ).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
}
