/** What serves these pages, what they are made of, and how up to date they are. */
import { version } from "../../../package.json";
import type { Site } from "../../api/generated";
import { desertedSince } from "../../base/masters";
import { pluginsOf } from "../../base/plugins";
import { digits } from "../../base/text";
import { PageHead } from "../../widgets/head";
import { useLive, useStore, type LiveList } from "../../widgets/live";
import { Problem, Skeleton } from "../../widgets/problem";
import { useRouter } from "../../widgets/router";
import { StockLink } from "../../widgets/site";
import { Clock } from "../../widgets/times";
import { LICENCES } from "./licences";
import { QUERIES } from "./queries";
import "./page.css";

export default function AboutPage() {
    const { sites, masters } = useLive(QUERIES);
    const [site] = sites.rows.value as readonly Site[];
    const error = sites.error.value;
    return (
        <>
            <PageHead title="About this server" />
            {site ? (
                <dl class="about">
                    <Server site={site} />
                    <Stream site={site} cursor={sites.cursor.value} />
                    <Masters masters={masters} />
                    <ForPrograms />
                    <Pages />
                </dl>
            ) : error ? (
                <Problem error={error} />
            ) : (
                <Skeleton lines={6} />
            )}
            <Licences />
        </>
    );
}

const DATABASES: Readonly<Record<string, string>> = { sqlite: "an SQLite", postgresql: "a PostgreSQL" };

function Server({ site: { title, title_url, version, database } }: { site: Site }) {
    return (
        <>
            <dt>Installation</dt>
            <dd>{title_url ? <a href={title_url}>{title}</a> : title}</dd>
            <dt>Server</dt>
            <dd>
                buildbot-status {version}
                {database && `, over ${DATABASES[database] ?? database} database`}
            </dd>
        </>
    );
}

function Stream({ site: { look_interval_ms: interval }, cursor }: { site: Site; cursor: string | undefined }) {
    const status = useStore().status.value;
    const newest = Number(cursor?.split(".").at(-1));
    return (
        <>
            <dt>Events</dt>
            <dd>
                {status.state === "live" ? (
                    "These pages are live"
                ) : (
                    <>
                        These pages show how things were at <Clock at={status.since} />
                    </>
                )}
                {Number.isInteger(newest) && `; the newest event is number ${digits(newest)}`}.{" "}
                {interval === null
                    ? "The server is told of what happens as it happens."
                    : `The server looks for what is new in the database every ${interval / 1000} seconds.`}
            </dd>
        </>
    );
}

function Masters({
    masters,
}: {
    masters: LiveList<{ masterid: number; name: string; active: boolean; last_active: number }>;
}) {
    const rows = masters.rows.value;
    const deserted = desertedSince(rows);
    return (
        <>
            <dt>Buildbot</dt>
            <dd>
                {deserted !== undefined ? (
                    <>
                        no master has run since <Clock at={deserted} />
                    </>
                ) : (
                    <>
                        <a href="masters">Masters</a> that run:{" "}
                        {rows
                            .filter(({ active }) => active)
                            .map(({ masterid, name }, index) => (
                                <span key={masterid}>
                                    {index > 0 && ", "}
                                    <bdi>{name}</bdi>
                                </span>
                            ))}
                    </>
                )}{" "}
                <StockLink to="about">Its version, on its own pages</StockLink>
            </dd>
        </>
    );
}

function ForPrograms() {
    return (
        <>
            <dt>For programs</dt>
            <dd>
                <ul>
                    <li>
                        <a href="about/api">All paths of the API, to be tried out</a>
                    </li>
                    <li>
                        <a href="about/api/openapi.json">Its OpenAPI document</a>
                    </li>
                    <li>
                        <a href="metrics">Metrics</a>, as Prometheus reads them
                    </li>
                    <li>
                        <a href="healthz">Whether the server is well</a>
                    </li>
                </ul>
            </dd>
        </>
    );
}

function Pages() {
    const { views } = useRouter();
    const added = pluginsOf(document);
    const shown = views.flatMap(({ name, nav, paths }) =>
        nav ? [{ name, text: nav.text, path: paths[0] ?? "" }] : [],
    );
    return (
        <>
            <dt>Pages</dt>
            <dd>
                buildbot-status-www {version}:{" "}
                {shown.map(({ name, text, path }, index) => (
                    <span key={name}>
                        {index > 0 && ", "}
                        <a href={path}>{text}</a>
                    </span>
                ))}
            </dd>
            <dt>Added to them</dt>
            <dd>
                {added.length === 0
                    ? "nothing"
                    : added.map(({ name, module }, index) => (
                          <span key={name}>
                              {index > 0 && ", "}
                              <a href={module}>
                                  <bdi>{name}</bdi>
                              </a>
                          </span>
                      ))}
            </dd>
        </>
    );
}

function Licences() {
    return (
        <section class="licences">
            <h2>Licences</h2>
            <p>The server comes under the Apache License 2.0. What is in these pages comes under the MIT License:</p>
            {LICENCES.map(({ name, text }) => (
                <details key={name}>
                    <summary>
                        {name} <span class="quiet">{/^Copyright .*$/m.exec(text)?.[0]}</span>
                    </summary>
                    <pre>{text}</pre>
                </details>
            ))}
        </section>
    );
}
