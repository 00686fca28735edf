/** In place of a log that cannot be shown: which there are. */
import { useEffect } from "preact/hooks";
import { live } from "../../api/live";
import { PageHead } from "../../widgets/head";
import { useOne } from "../../widgets/live";
import { Problem, Skeleton, type Failure } from "../../widgets/problem";
import { useRouter } from "../../widgets/router";
import type { Names } from "./queries";

export function NoLog({ params, error }: { params: Names; error: Failure }) {
    return error.status === 404 ? <OtherLogs params={params} /> : <Troubled params={params} error={error} />;
}

function Troubled({ params, error }: { params: Names; error: Failure }) {
    return (
        <>
            <PageHead title="Log" />
            <Problem error={error}>
                <a href={buildOf(params)}>The build’s page</a>
            </Problem>
        </>
    );
}

function OtherLogs({ params }: { params: Names }) {
    const router = useRouter();
    const build = buildOf(params);
    const path = `${build}/steps/${encodeURIComponent(params.step)}` as "builders/1/builds/1/steps/1";
    const fields = { field: ["number", "name"], expand: "logs", "logs.field": ["name", "slug"] } as const;
    const { row, error } = useOne(live(path, fields, { topic: false }));
    const step = row.value;
    const problem = error.value;
    const isMissing = problem?.status === 404;
    useEffect(() => {
        // The build's page says which steps there are, or that there is no such build.
        if (isMissing) router.navigate(`${build}#step-${encodeURIComponent(params.step)}`, { replace: true });
    }, [router, isMissing, build, params.step]);
    if (problem && !isMissing) return <Troubled params={params} error={problem} />;
    if (!step) return <Skeleton lines={12} />;
    const said = { status: 404, title: "Not found", detail: `Step ${step.name} has no log ${params.slug}` };
    return (
        <>
            <PageHead title="No such log" />
            <Problem error={said}>
                <span>{step.logs.length > 0 ? "It has" : "It has none."}</span>
                {step.logs.map(({ name, slug }) => (
                    <a key={slug} href={`${build}/steps/${step.number}/logs/${encodeURIComponent(slug)}`}>
                        <bdi>{name}</bdi>
                    </a>
                ))}
                <a href={`${build}#step-${step.number}`}>The build’s page</a>
            </Problem>
        </>
    );
}

function buildOf({ builder, number }: Names): string {
    return `builders/${encodeURIComponent(builder)}/builds/${encodeURIComponent(number)}`;
}
