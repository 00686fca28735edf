import { counted, digits, firstLine } from "../../base/text";
import { live } from "../../api/live";
import { Endless } from "../../widgets/endless";
import { PageHead } from "../../widgets/head";
import { useLive } from "../../widgets/live";
import { Empty, Problem, Skeleton } from "../../widgets/problem";
import { Age } from "../../widgets/times";
import { compareConsumers, standing } from "./model";
import "./page.css";

/** Seconds. Nothing is announced of listeners, so they are asked for again. */
const EVERY = 5;

const QUERIES = {
    consumers: live(
        "consumers",
        {
            order: "name",
            field: [
                "consumerid",
                "name",
                "lag",
                "behind_since",
                "paused",
                "running",
                "waiting",
                "parked",
                "gaps",
                "missed_at",
                "replay_cursor",
                "updated_at",
            ],
        },
        { topic: false, every: EVERY },
    ),
    deliveries: live("deliveries", { order: "-deliveryid", limit: 50 }, { topic: false, every: EVERY }),
};

export default function ListenersPage() {
    const { consumers, deliveries } = useLive(QUERIES);
    const error = consumers.error.value;
    const all = [...consumers.rows.value].sort(compareConsumers);
    const parked = all.reduce((sum, consumer) => sum + consumer.parked, 0);
    return (
        <>
            <PageHead
                title="Listeners"
                {...(parked > 0 ? { status: "exception" } : {})}
                below={`Looked at every ${EVERY} seconds`}
            />
            {consumers.state.value !== "ready" ? (
                error ? (
                    <Problem error={error} />
                ) : (
                    <Skeleton />
                )
            ) : all.length === 0 ? (
                <Empty title="This server has no listeners">
                    <p>They are where they run: this page of the server whose configuration names them has them.</p>
                </Empty>
            ) : (
                <ul class="lines listeners">
                    {all.map((consumer) => {
                        const { text, bad } = standing(consumer);
                        const { consumerid, name, lag, behind_since, waiting, parked, gaps, missed_at } = consumer;
                        return (
                            <li key={consumerid}>
                                <span class="name">
                                    <bdi>{name}</bdi>
                                </span>
                                <span class={bad ? "bad" : "quiet"}>{text}</span>
                                {lag !== null && lag > 0 && (
                                    <span>
                                        {counted(lag, "event")} to look at
                                        {behind_since !== null && (
                                            <>
                                                , the oldest <Age at={behind_since} />
                                            </>
                                        )}
                                    </span>
                                )}
                                {waiting > 0 && <span>{waiting} waiting for a next attempt</span>}
                                {parked > 0 && <span class="bad">{parked} parked</span>}
                                {gaps > 0 && (
                                    <span class="bad">
                                        missed something {counted(gaps, "time")}
                                        {missed_at !== null && (
                                            <>
                                                , last <Age at={missed_at} />
                                            </>
                                        )}
                                    </span>
                                )}
                            </li>
                        );
                    })}
                </ul>
            )}
            {deliveries.rows.value.length > 0 && (
                <>
                    <h2>
                        Deliveries that wait or are parked <span class="quiet">{digits(deliveries.total.value)}</span>
                    </h2>
                    <ul class="lines listeners">
                        {deliveries.rows.value.map(
                            ({ deliveryid, consumer, topic, method, state, attempts, failed_at, error }) => (
                                <li key={deliveryid}>
                                    <span class="name">
                                        <bdi>{consumer}</bdi> <span class="quiet">{deliveryid}</span>
                                    </span>
                                    <span class={state === "parked" ? "bad" : "quiet"}>{state}</span>
                                    <span>
                                        <code>{topic}</code> <span class="quiet">to {method}</span>
                                    </span>
                                    <span class="quiet">
                                        {counted(attempts, "attempt")}
                                        {failed_at !== null && (
                                            <>
                                                , the last <Age at={failed_at} />
                                            </>
                                        )}
                                    </span>
                                    {error !== null && <Failure text={error} />}
                                </li>
                            ),
                        )}
                    </ul>
                    <Endless more={deliveries.more.value} load={() => deliveries.loadMore()} />
                    <p class="quiet">
                        <code>buildbot-status listeners</code> replays and drops them: this page only shows them.
                    </p>
                </>
            )}
        </>
    );
}

/** The last line of a traceback says what it is about; of other texts, the first. */
function Failure({ text }: { text: string }) {
    const lines = text.trim().split("\n");
    const line = /^Traceback/.test(text) ? (lines.at(-1) ?? "") : firstLine(text);
    return (
        <details>
            <summary>
                <bdi>{line}</bdi>
            </summary>
            <pre>
                <bdi>{text}</bdi>
            </pre>
        </details>
    );
}
