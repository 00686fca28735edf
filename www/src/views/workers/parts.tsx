/** What the list of workers and the page of one show alike. */
import { Progress } from "../../widgets/progress";
import type { Worker } from "./model";
import type { RunningRow } from "./queries";

export function State({ worker: { state, text } }: { worker: Worker }) {
    return (
        <span class={`worker-state ${state}`}>
            <bdi>{text}</bdi>
        </span>
    );
}

export function RunningBuilds({ builds }: { builds: readonly RunningRow[] }) {
    return (
        <>
            {builds.map(({ buildid, builderid, number, builder, started_at, eta }) => (
                <span key={buildid} class="running">
                    <a href={`builders/${builderid}/builds/${number}`}>
                        <bdi>{builder?.name ?? `builder ${builderid}`}</bdi> #{number}
                    </a>{" "}
                    <Progress from={started_at} to={eta} what={`${builder?.name ?? ""} #${number}`} />
                </span>
            ))}
        </>
    );
}
