import { PageHead } from "../../widgets/head";
import { noneAt, Problem, type Failure } from "../../widgets/problem";
import { useQueryState } from "../../widgets/query";
import type { PageProps } from "../../widgets/views";
import { BuildTests } from "./build";
import { History } from "./history";
import { OneTest } from "./one";
import "./page.css";

const CHOICES = { test: "" } as const;

export default function TestsPage({
    params,
}: PageProps<"builders/:builder/tests" | "builders/:builder/builds/:number/tests">) {
    const [{ test }] = useQueryState(CHOICES);
    const { builder } = params;
    const none = noneAt(builder, "builder");
    if (none) {
        return (
            <>
                <PageHead title="No such builder" />
                <Problem error={none}>
                    <a href="builders">All builders</a>
                </Problem>
            </>
        );
    }
    if (!("number" in params)) return test ? <OneTest builder={builder} name={test} /> : <History builder={builder} />;
    if (/^[0-9]{1,9}$/.test(params.number)) return <BuildTests builder={builder} number={Number(params.number)} />;
    const error: Failure = { status: 404, title: "Not found", detail: `${params.number} is no number of a build.` };
    return (
        <>
            <PageHead title="No such build" />
            <Problem error={error}>
                <a href={`builders/${encodeURIComponent(builder)}/tests`}>Tests of the builder</a>
            </Problem>
        </>
    );
}
