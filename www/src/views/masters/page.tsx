import { counted } from "../../base/text";
import { live } from "../../api/live";
import { PageHead } from "../../widgets/head";
import { useLive } from "../../widgets/live";
import { Empty, Problem, Skeleton } from "../../widgets/problem";
import { StockLink } from "../../widgets/site";
import { Age } from "../../widgets/times";
import "./page.css";

const QUERIES = {
    masters: live(
        "masters",
        {
            order: "name",
            field: ["masterid", "name", "active", "last_active"],
            expand: "changesources",
            "changesources.field": "name",
        },
        // What a master runs is told when it starts; that it lives, once a minute and in no event.
        { every: 60 },
    ),
    builders: live("builders", { field: ["builderid", "masterids"] }),
    workers: live("workers", { field: ["workerid", "connected_to"] }),
    schedulers: live("schedulers", {
        order: "name",
        field: ["schedulerid", "name", "enabled", "master"],
    }),
    // What waits of each; nothing of it is in an event of the scheduler.
    pending: live(
        "schedulers",
        {
            field: "schedulerid",
            expand: ["pending_buildsets", "pending_changes"],
            "pending_buildsets.field": "bsid",
            "pending_changes.field": "changeid",
        },
        { topic: false, again: "buildsets/*/*" },
    ),
};

export default function MastersPage() {
    const { masters, builders, workers, schedulers, pending } = useLive(QUERIES);
    const error = masters.error.value ?? schedulers.error.value;
    const isReady = masters.state.value === "ready" && schedulers.state.value === "ready";
    const builds = (id: number) => builders.rows.value.filter(({ masterids }) => masterids.includes(id)).length;
    const connected = (id: number) =>
        workers.rows.value.filter(({ connected_to }) => connected_to.some(({ masterid }) => masterid === id)).length;
    const waiting = new Map(pending.rows.value.map((row) => [row.schedulerid, row]));
    return (
        <>
            <PageHead title="Masters and schedulers" />
            {!isReady ? (
                error ? (
                    <Problem error={error} />
                ) : (
                    <Skeleton />
                )
            ) : masters.rows.value.length === 0 ? (
                <Empty title="No master has used this database">
                    One appears here as soon as it starts with this database in its configuration.
                </Empty>
            ) : (
                <>
                    <ul class="lines masters">
                        {masters.rows.value.map(({ masterid, name, active, last_active, changesources }) => (
                            <li key={masterid}>
                                <span class="name">
                                    <bdi>{name}</bdi>
                                </span>
                                <span class={active ? "good" : "hindered"}>{active ? "runs" : "does not run"}</span>
                                <span class="quiet">
                                    last sign of life <Age at={last_active} />
                                </span>
                                <span class="quiet facts">
                                    {active && (
                                        <>
                                            {counted(builds(masterid), "builder")},{" "}
                                            {counted(connected(masterid), "worker")} connected
                                            {changesources.length > 0 && (
                                                <>
                                                    , changes from{" "}
                                                    <bdi>{changesources.map(({ name }) => name).join(", ")}</bdi>
                                                </>
                                            )}
                                        </>
                                    )}
                                </span>
                            </li>
                        ))}
                    </ul>
                    <h2>
                        Schedulers <span class="quiet">{schedulers.rows.value.length}</span>
                    </h2>
                    {schedulers.rows.value.length === 0 && <p class="quiet">None: only who forces builds gets any.</p>}
                    <ul class="lines masters">
                        {schedulers.rows.value.map(({ schedulerid, name, enabled, master }) => {
                            const waits = waiting.get(schedulerid);
                            return (
                                <li key={schedulerid}>
                                    <span class="name">
                                        <bdi>{name}</bdi>
                                    </span>
                                    <span class={enabled && master ? "good" : "hindered"}>
                                        {!enabled ? "switched off" : master ? "runs" : "no master runs it"}
                                    </span>
                                    <span class="quiet facts">
                                        {waits &&
                                            waits.pending_buildsets.length > 0 &&
                                            `${some(waits.pending_buildsets.length, "set")} of builds asked for, not complete. `}
                                        {waits &&
                                            waits.pending_changes.length > 0 &&
                                            `${some(waits.pending_changes.length, "change")} waiting for its timer. `}
                                        {master && <bdi>{master.name}</bdi>}
                                    </span>
                                    <StockLink to={`schedulers/${schedulerid}`}>Switch in Buildbot</StockLink>
                                </li>
                            );
                        })}
                    </ul>
                </>
            )}
        </>
    );
}

/** As many as the server embeds where no number is asked for; there may be more. */
const EMBEDDED = 25;

function some(count: number, noun: string): string {
    return `${count === EMBEDDED ? "at least " : ""}${counted(count, noun)}`;
}
