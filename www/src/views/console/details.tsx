/** All that is known of one revision, and all of its builds. */
import { live } from "../../api/live";
import { compareNames } from "../../base/text";
import { fullTime } from "../../base/time";
import { Problem, Skeleton } from "../../widgets/problem";
import { useLive } from "../../widgets/live";
import { ResultMark } from "../../widgets/marks";
import { buildOf, type Build, type Builder, type Revision } from "../../widgets/revisions/model";
import { addressOf, ageOf, statusWord } from "../../widgets/revisions/words";
import { Duration } from "../../widgets/times";

interface Props {
    readonly revision: Revision;
    readonly builders: readonly Builder[];
    readonly present: number;
}

export function Details({ revision, builders, present }: Props) {
    const { commit, revision: name, branch, codebase, at, whole } = revision;
    return (
        <div class="details">
            <div class="about">
                {commit && <pre dir="auto">{commit.message}</pre>}
                <p class="quiet">
                    {name && (
                        <>
                            {commit?.link ? (
                                <a href={commit.link} rel="noreferrer">
                                    <code>{name}</code>
                                </a>
                            ) : (
                                <code>{name}</code>
                            )}{" "}
                            of{" "}
                        </>
                    )}
                    <bdi>{branch}</bdi>
                    {codebase && (
                        <>
                            {" "}
                            in <bdi>{codebase}</bdi>
                        </>
                    )}
                    {commit && (
                        <>
                            , by <bdi>{commit.author}</bdi>
                        </>
                    )}
                    , {fullTime(at)}
                </p>
            </div>
            {(whole || revision.builds.size > 0) && (
                <Builds builds={loaded(revision)} builders={builders} present={present} />
            )}
            {!whole && commit && (
                <OlderBuilds change={commit.id} revision={revision} builders={builders} present={present} />
            )}
        </div>
    );
}

function loaded({ builds }: Revision): readonly Build[] {
    return [...builds.values()].flat();
}

/** Those that are older than all that the page has: asked for where somebody wants to see them. */
function OlderBuilds({ change, revision, builders, present }: Props & { change: number }) {
    const { all } = useLive({
        all: live(`changes/${change}/builds` as "changes/0/builds", ALL_BUILDS, { topic: false }),
    });
    if (all.state.value === "failed" && all.error.value) return <Problem error={all.error.value} />;
    if (all.state.value !== "ready") return <Skeleton lines={2} />;
    const known = new Set(loaded(revision).map(({ key }) => key));
    const older = all.rows.value.map((row) => buildOf(row)).filter(({ key }) => !known.has(key));
    return older.length > 0 || known.size === 0 ? (
        <Builds builds={older} builders={builders} present={present} />
    ) : null;
}

const ALL_BUILDS = {
    order: "-buildid",
    limit: 1000,
    field: ["buildid", "number", "builderid", "masterid", "started_at", "complete", "complete_at", "results"],
} as const;

function Builds({ builds, builders, present }: { builds: readonly Build[] } & Pick<Props, "builders" | "present">) {
    const names = new Map(builders.map(({ id, name }) => [id, name]));
    if (builds.length === 0) return <p class="quiet">No build of it is known yet.</p>;
    return (
        <ul class="builds">
            {[...builds]
                .sort((a, b) => compareNames(names.get(a.builder) ?? "", names.get(b.builder) ?? "") || b.at - a.at)
                .map((build) => (
                    <li key={build.key}>
                        <ResultMark status={build.status} word={null} />{" "}
                        <a href={addressOf(build)}>
                            <bdi>{names.get(build.builder) ?? `builder ${build.builder}`}</bdi>
                            {build.number !== undefined && ` #${build.number}`}
                        </a>{" "}
                        <span class="quiet">
                            {statusWord(build.status)}
                            {build.number !== undefined && build.status !== "unknown" && (
                                <>
                                    {", "}
                                    <Duration from={build.at} to={build.end} />
                                </>
                            )}
                            {", "}
                            {ageOf(build.at, present)}
                        </span>
                    </li>
                ))}
        </ul>
    );
}
