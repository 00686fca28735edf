import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { isDeserted } from "../../base/masters";
import { someOf } from "../../base/queryState";
import { SYMBOLS } from "../../base/results";
import { counted } from "../../base/text";
import { PageHead } from "../../widgets/head";
import { useLive } from "../../widgets/live";
import { noneAt, Problem, Skeleton, type Failure } from "../../widgets/problem";
import { useQueryState } from "../../widgets/query";
import { StockLink } from "../../widgets/site";
import type { PageProps } from "../../widgets/views";
import { Charts } from "./charts";
import { flakySteps, type FlakyStep } from "./flaky";
import { codesOf, ENDED, History } from "./history";
import { runningOf, statusOfBuilder } from "./model";
import { BrokenSince, Present } from "./present";
import { queriesOf, type BuilderRow, type ComparedRow } from "./queries";
import "./page.css";

const CHOICES = { results: someOf(...ENDED) } as const;

export default function BuilderPage({ params }: PageProps<"builders/:builder">) {
    const error = noneAt(params.builder, "builder");
    return error ? <NoBuilder error={error} /> : <Builder name={params.builder} />;
}

function NoBuilder({ error }: { error: Failure }) {
    return (
        <>
            <PageHead title={error.status === 404 ? "No such builder" : "Builder"} />
            <Problem error={error}>
                <a href="builders">All builders</a>
            </Problem>
        </>
    );
}

function Builder({ name }: { name: string }) {
    const [{ results }, choose] = useQueryState(CHOICES);
    const lists = useLive(queriesOf(name, codesOf(results)));
    const { builder, offline, workers, waiting, history, trend, compared, masters } = lists;
    const alive = useComputed(
        () => new Set(masters.rows.value.filter(({ active }) => active).map(({ masterid }) => masterid)),
    );
    const running = useComputed(() => runningOf(lists.running.rows.value, alive.value)).value;
    const row = builder.rows.value[0];
    const error = builder.error.value;
    if (!row) {
        if (builder.state.value === "failed" && error) return <NoBuilder error={error} />;
        return (
            <>
                <PageHead title="Builder" />
                <Skeleton lines={10} />
            </>
        );
    }
    return (
        <>
            <Head
                builder={row}
                deserted={isDeserted(masters.rows.value)}
                building={running.length > 0}
                offline={offline.rows.value.some(({ builderid }) => builderid === row.builderid)}
            />
            <BrokenSince builder={row} />
            <Present builder={row} running={running} waiting={waiting.rows.value} workers={workers.rows.value} />
            <Charts id={row.builderid} rows={trend.rows.value} />
            <Flaky id={row.builderid} rows={compared.rows.value} />
            <History
                id={row.builderid}
                history={history}
                alive={alive.value}
                chosen={results}
                choose={(results) => choose({ results })}
            />
        </>
    );
}

function Head(props: { builder: BuilderRow; deserted: boolean; building: boolean; offline: boolean }) {
    const { builder, deserted, building, offline } = props;
    const { builderid, name, tags, masterids, description } = builder;
    const status = statusOfBuilder(builder);
    const told = deserted
        ? "No master is running"
        : masterids.length === 0
          ? "No master runs it any more"
          : building
            ? "Building"
            : offline
              ? "No worker is connected that could build it"
              : "Idle";
    return (
        <PageHead
            title={name}
            {...(status ? { status } : {})}
            below={
                <>
                    {told}
                    {tags.map((tag) => (
                        <a key={tag} class="tag" href={`builders?${new URLSearchParams({ tag }).toString()}`}>
                            {tag}
                        </a>
                    ))}
                    {description && <bdi class="description">{description}</bdi>}
                </>
            }
        >
            <a class="button" href={`builders/${builderid}/tests`}>
                Tests
            </a>
            <StockLink to={`builders/${builderid}`}>Force a build in Buildbot</StockLink>
        </PageHead>
    );
}

function Flaky({ id, rows }: { id: number; rows: readonly ComparedRow[] }) {
    const steps = useMemo(() => flakySteps(rows), [rows]);
    if (steps.length === 0) return null;
    return (
        <section class="flaky">
            <h2>
                Flaky steps <span class="quiet">{steps.length}</span>
            </h2>
            <p class="quiet">
                That both failed and succeeded with the same revision, so that no change has broken or mended them.
                Looked at are the last {counted(rows.length, "build")}; those of which it is not known what they built
                say nothing.
            </p>
            <ul>
                {steps.map((step) => (
                    <FlakyItem key={step.name} id={id} step={step} />
                ))}
            </ul>
        </section>
    );
}

/** Runs that are drawn of a step. */
const RUNS = 60;

function FlakyItem({ id, step: { name, runs, failed, contradicted, last } }: { id: number; step: FlakyStep }) {
    const shown = runs.slice(-RUNS);
    return (
        <li>
            <strong>
                <bdi>{name}</bdi>
            </strong>{" "}
            <span>
                failed in {failed} of {counted(runs.length, "build")}, and went both ways with{" "}
                {counted(contradicted, "revision")}, last in <a href={`builders/${id}/builds/${last}`}>#{last}</a>
            </span>
            <span class="runs" role="img" aria-label={shown.map(({ status }) => SYMBOLS[status]).join("")}>
                {shown.map(({ number, status }) => (
                    <span key={number} class={`status-${status}`} title={`#${number} ${status}`} />
                ))}
            </span>
        </li>
    );
}
