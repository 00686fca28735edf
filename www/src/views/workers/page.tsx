import { useMemo, useRef } from "preact/hooks";
import { counted } from "../../base/text";
import { FilterBar } from "../../widgets/filters";
import { PageHead } from "../../widgets/head";
import { useLines } from "../../widgets/lines";
import { useLive } from "../../widgets/live";
import { Empty, noneAt, Problem, Skeleton } from "../../widgets/problem";
import { useQueryState } from "../../widgets/query";
import type { PageProps } from "../../widgets/views";
import { factsOf, workersOf, type Worker } from "./model";
import { NoWorker, OneWorker } from "./one";
import { RunningBuilds, State } from "./parts";
import { ALL } from "./queries";
import "./page.css";

const CHOICES = { text: "" } as const;

export default function WorkersPage({ params }: PageProps<"workers" | "workers/:worker">) {
    if (!("worker" in params)) return <AllWorkers />;
    const error = noneAt(params.worker, "worker");
    return error ? <NoWorker name={params.worker} error={error} /> : <OneWorker name={params.worker} />;
}

function AllWorkers() {
    const { workers, running, masters } = useLive(ALL);
    const [filter, set] = useQueryState(CHOICES);
    const found = useMemo(
        () => workersOf(workers.rows.value, running.rows.value, masters.rows.value),
        [workers.rows.value, running.rows.value, masters.rows.value],
    );
    const error = workers.error.value;
    if (workers.state.value !== "ready") {
        return (
            <>
                <PageHead title="Workers" />
                {error ? <Problem error={error} /> : <Skeleton />}
            </>
        );
    }
    const shown = found.filter(({ name, text }) =>
        `${name} ${text}`.toLowerCase().includes(filter.text.trim().toLowerCase()),
    );
    const missing = found.filter(({ state }) => state === "missing").length;
    return (
        <>
            <PageHead
                title="Workers"
                below={`${counted(found.length, "worker")}${missing > 0 ? `, ${missing} not connected` : ""}`}
            />
            <FilterBar filter={filter} set={set} placeholder="Filter by name or state">
                {shown.length < found.length && `${shown.length} of ${counted(found.length, "worker")}`}
            </FilterBar>
            {found.length === 0 ? (
                <Empty title="There are no workers">
                    They appear here as soon as a master that uses this database has some in its configuration.
                </Empty>
            ) : shown.length === 0 ? (
                <Empty title="No worker is like that">
                    <button type="button" class="button" onClick={() => set(CHOICES)}>
                        Show all {found.length}
                    </button>
                </Empty>
            ) : (
                <Lines workers={shown} />
            )}
        </>
    );
}

function Lines({ workers }: { workers: readonly Worker[] }) {
    const list = useRef<HTMLUListElement>(null);
    useLines(list, "worker");
    return (
        <ul class="lines workers" ref={list}>
            {workers.map((worker) => (
                <li key={worker.id}>
                    <a class="name" href={`workers/${worker.id}`} data-line>
                        <bdi>{worker.name}</bdi>
                    </a>
                    <State worker={worker} />
                    <RunningBuilds builds={worker.running} />
                    <span class="quiet facts">
                        {worker.builders !== undefined && counted(worker.builders, "builder")}
                        {factsOf(worker) && (
                            <>
                                {worker.builders !== undefined && ", "}
                                <bdi>{factsOf(worker)}</bdi>
                            </>
                        )}
                    </span>
                </li>
            ))}
        </ul>
    );
}
