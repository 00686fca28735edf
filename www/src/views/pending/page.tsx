import { useMemo, useRef } from "preact/hooks";
import { counted } from "../../base/text";
import { Endless } from "../../widgets/endless";
import { ALL, FILTER, FilterBar } from "../../widgets/filters";
import { PageHead } from "../../widgets/head";
import { useLines } from "../../widgets/lines";
import { useLive } from "../../widgets/live";
import { Empty, Problem, Skeleton } from "../../widgets/problem";
import { Progress } from "../../widgets/progress";
import { useQueryState } from "../../widgets/query";
import { StockLink } from "../../widgets/site";
import { Age } from "../../widgets/times";
import { queuesOf, type Queue, type Request } from "./model";
import { QUERIES } from "./queries";
import "./page.css";

const { text, tag } = FILTER;
const CHOICES = { text, tag } as const;

export default function PendingPage() {
    const { requests, running, offline, masters } = useLive(QUERIES);
    const [filter, set] = useQueryState(CHOICES);
    const list = useRef<HTMLDivElement>(null);
    useLines(list, "builder");
    const queues = useMemo(
        () => queuesOf(requests.rows.value, running.rows.value, offline.rows.value, masters.rows.value),
        [requests.rows.value, running.rows.value, offline.rows.value, masters.rows.value],
    );
    const error = requests.error.value;
    if (requests.state.value !== "ready") {
        return (
            <>
                <PageHead title="Pending" />
                {error ? <Problem error={error} /> : <Skeleton />}
            </>
        );
    }
    const shown = queues.filter(
        ({ name, tags }) =>
            name.toLowerCase().includes(filter.text.trim().toLowerCase()) &&
            (filter.tag.length === 0 || filter.tag.some((tag) => tags.includes(tag))),
    );
    const total = requests.total.value ?? requests.rows.value.length;
    return (
        <>
            <PageHead
                title="Pending"
                below={`${counted(total, "request")} waiting, of ${counted(queues.length, "builder")}`}
            />
            {queues.length > 0 && (
                <FilterBar
                    filter={filter}
                    set={set}
                    tags={[...new Set(queues.flatMap(({ tags }) => tags))].sort()}
                    placeholder="Filter by builder"
                >
                    {shown.length < queues.length && `${shown.length} of ${counted(queues.length, "builder")}`}
                </FilterBar>
            )}
            {queues.length === 0 ? (
                <Empty title="Nothing waits">What is asked for stands here until a worker begins with it.</Empty>
            ) : shown.length === 0 ? (
                <Empty title="Nothing waits for such a builder">
                    <button type="button" class="button" onClick={() => set(ALL)}>
                        Show all {queues.length}
                    </button>
                </Empty>
            ) : (
                <div ref={list}>
                    {shown.map((queue) => (
                        <QueueOf key={queue.id} queue={queue} />
                    ))}
                </div>
            )}
            <Endless more={requests.more.value} load={() => requests.loadMore()} />
        </>
    );
}

function QueueOf({ queue: { id, name, requests, offline, running } }: { queue: Queue }) {
    return (
        <section class="queue">
            <h2>
                <a href={`builders/${id}`} data-line>
                    <bdi>{name}</bdi>
                </a>{" "}
                <span class="quiet">{requests.length}</span>
            </h2>
            {offline && <p class="hindered">No worker is connected that could build it.</p>}
            {running.map(({ buildid, number, started_at, eta }) => (
                <p key={buildid}>
                    behind <a href={`builders/${id}/builds/${number}`}>#{number}</a>{" "}
                    <Progress from={started_at} to={eta} what={`${name} #${number}`} />
                </p>
            ))}
            {!offline && running.length === 0 && <p>for a worker, or a lock</p>}
            <ol>
                {requests.map((request) => (
                    <RequestLine key={request.id} {...request} />
                ))}
            </ol>
        </section>
    );
}

function RequestLine({ id, position, since, priority, reason, source }: Request) {
    return (
        <li value={position}>
            <span class="source">
                <bdi>{source}</bdi>
            </span>
            <span class="quiet reason">
                <bdi>{reason}</bdi>
            </span>
            {priority !== 0 && <span class="tag">priority {priority}</span>}
            <StockLink to={`buildrequests/${id}`}>Cancel in Buildbot</StockLink>
            <span class="quiet">
                <Age at={since} />
            </span>
        </li>
    );
}
