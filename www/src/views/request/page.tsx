/** A request for a build, which steps and mails link to: what was built of it is shown on its own page, as soon as it begins. */
import { useEffect } from "preact/hooks";
import { live } from "../../api/live";
import { statusOf } from "../../base/results";
import { PageHead } from "../../widgets/head";
import { useOne } from "../../widgets/live";
import { Empty, noneAt, Problem, Skeleton, type Failure } from "../../widgets/problem";
import { useRouter } from "../../widgets/router";
import { Age } from "../../widgets/times";
import type { PageProps } from "../../widgets/views";

function queryOf(id: string) {
    return live(
        `buildrequests/${encodeURIComponent(id)}` as "buildrequests/1",
        {
            field: ["buildrequestid", "builderid", "submitted_at", "complete", "results"],
            expand: ["builder", "builds"],
            "builder.field": ["builderid", "name"],
            // One that was tried again has several.
            "builds.order": "-number",
            "builds.limit": 1,
            "builds.field": ["buildid", "number", "builderid", "buildrequestid"],
        },
        { embed: { builds: { topic: "builds/*/new", parent: "buildrequestid" } } },
    );
}

export default function RequestPage({ params: { request } }: PageProps<"buildrequests/:request">) {
    const none = noneAt(request, "request");
    return none ? <NoRequest id={request} error={none} /> : <Request id={request} />;
}

function NoRequest({ id, error }: { id: string; error: Failure }) {
    return (
        <>
            <PageHead title={`Request ${id}`} />
            <Problem error={error}>
                <a href="pending">All that waits</a>
            </Problem>
        </>
    );
}

function Request({ id }: { id: string }) {
    const router = useRouter();
    const { row, error } = useOne(queryOf(id));
    const found = row.value;
    const build = found?.builds[0];
    const address = build && `builders/${build.builderid}/builds/${build.number}`;
    useEffect(() => {
        if (address) router.navigate(address, { replace: true });
    }, [router, address]);
    if (error.value) return <NoRequest id={id} error={error.value} />;
    if (!found || address) return <Skeleton lines={8} />;
    const { builderid, builder, submitted_at: at, complete, results } = found;
    const status = complete ? statusOf(results) : "pending";
    return (
        <>
            <PageHead title={`Request ${id}`} status={status} below={<Age at={at} />} />
            <Empty title={complete ? `Nothing was built of it: ${status}` : "It waits"}>
                {!complete && <p>Its build is shown here as soon as it begins.</p>}
                <a href={`builders/${builderid}`}>
                    The builder <bdi>{builder?.name}</bdi>
                </a>
                {!complete && (
                    <>
                        {" · "}
                        <a href="pending">All that waits</a>
                    </>
                )}
            </Empty>
        </>
    );
}
