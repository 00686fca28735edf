/** Every widget on one page, in each of its states, for the tests and for whoever changes how they look. */
import { signal } from "@preact/signals";
import { render } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Site } from "../../src/api/generated";
import type { Status } from "../../src/api/link";
import { STATUSES } from "../../src/base/results";
import type { BuildEnds, Ended } from "../../src/base/watches";
import { FILTER, FilterBar } from "../../src/widgets/filters";
import { PageHead } from "../../src/widgets/head";
import { useShortcut } from "../../src/widgets/keyboard";
import { Badge, ResultMark, ResultStrip } from "../../src/widgets/marks";
import { Empty, Problem, Skeleton } from "../../src/widgets/problem";
import { Progress } from "../../src/widgets/progress";
import { useQueryState } from "../../src/widgets/query";
import { Router } from "../../src/widgets/router";
import { Scrolls } from "../../src/widgets/scrolls";
import { Shell } from "../../src/widgets/shell";
import { StockLink } from "../../src/widgets/site";
import type { Source } from "../../src/widgets/sources";
import { startTheme } from "../../src/widgets/theme";
import { Age, Clock, Duration } from "../../src/widgets/times";
import { defineView, type PageProps } from "../../src/widgets/views";
import { startWatching, WatchButton } from "../../src/widgets/watching";

const NOW = Math.floor(Date.now() / 1000);
const CODES = [0, 0, 1, 0, 2, 2, 0, 4, 0, 0, 6, 0, 5, 0, 3, 0, 0, 2, 0, null];
const BUILDERS = [
    "linux-x86_64",
    "linux-arm64",
    "windows-x86_64",
    "macos-arm64",
    "docs",
    "lint",
    "coverage",
    "release",
].map((name, index) => ({
    id: index + 1,
    name,
    tags: index < 4 ? ["release", "tests"] : ["quick"],
    codes: CODES.map((_, at) => CODES[(at * (index + 1) + index) % CODES.length] ?? (at === 19 ? null : 0)),
}));

function Gallery() {
    const [filter, set] = useQueryState(FILTER);
    const [tries, setTries] = useState(0);
    useShortcut("t", "Try again", () => setTries(tries + 1));
    const shown = BUILDERS.filter(
        ({ name, tags }) => name.includes(filter.text) && filter.tag.every((tag) => tags.includes(tag)),
    );
    return (
        <>
            <PageHead
                title="linux-x86_64 #1207"
                status="failure"
                below={
                    <>
                        2 of 1,204 tests failed · <Age at={NOW - 190} /> · took{" "}
                        <Duration from={NOW - 900} to={NOW - 190} />
                    </>
                }
            >
                <StockLink to="builders/1/builds/1207">Rebuild</StockLink>
                <WatchButton build={{ buildid: 7, name: "linux-x86_64 #1207", href: "other" }} />
            </PageHead>
            <FilterBar
                filter={filter}
                set={set}
                tags={["quick", "release", "tests"]}
                branches={["main", "2.x"]}
                results
            >
                {`${shown.length} of ${BUILDERS.length} builders`}
            </FilterBar>
            <Scrolls label="Builders">
                <table class="table">
                    <thead>
                        <tr>
                            <th>Builder</th>
                            <th>State</th>
                            <th>Last builds</th>
                            <th>Tags</th>
                            <th class="number">Took</th>
                            <th>Last</th>
                        </tr>
                    </thead>
                    <tbody>
                        {shown.map(({ id, name, tags, codes }, index) => (
                            <tr key={id}>
                                <td>
                                    <a href={`other?builder=${id}`}>{name}</a>
                                </td>
                                <td>
                                    <Badge status={STATUSES[index % STATUSES.length] ?? "unknown"} filled />
                                </td>
                                <td>
                                    <ResultStrip
                                        label={`Last builds of ${name}`}
                                        builds={codes.map((results, at) => ({
                                            number: 1188 + at,
                                            results,
                                            href: `other?build=${at}`,
                                        }))}
                                    />
                                </td>
                                <td>
                                    {tags.map((tag) => (
                                        <span key={tag}>
                                            <a class="tag" href={`gallery?tag=${tag}`}>
                                                {tag}
                                            </a>{" "}
                                        </span>
                                    ))}
                                </td>
                                <td class="number">
                                    <Duration from={0} to={61 + 700 * index * index} />
                                </td>
                                <td class="quiet">
                                    <Age at={NOW - 20 * 9 ** index} />
                                </td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </Scrolls>
            <h2>Results</h2>
            <p class="statuses">
                {STATUSES.map((status) => (
                    <span key={status}>
                        <ResultMark status={status} /> <Badge status={status} />{" "}
                        <Badge status={status} filled>{`${status}, filled`}</Badge>
                    </span>
                ))}
            </p>
            <h2>Times</h2>
            <dl>
                <dt>Ages</dt>
                <dd id="ages">
                    <Age at={NOW - 2} /> · <Age at={NOW - 7200} /> · <Age at={NOW + 600} />
                </dd>
                <dt>By the clock</dt>
                <dd>
                    <Clock at={NOW} /> · <Clock at={NOW - 86400} />
                </dd>
                <dt>Runs for</dt>
                <dd id="running">
                    <Duration from={NOW} />
                </dd>
                <dt>Is expected to end</dt>
                <dd id="expected">
                    <Progress from={NOW} to={NOW + 15} what="linux-x86_64 #1207" />
                </dd>
            </dl>
            <h2>Errors</h2>
            <Problem
                error={{ status: 0, title: "Unreachable", detail: "connection refused" }}
                retry={() => setTries(tries + 1)}
            />
            <Problem error={{ status: 404, title: "Not found", detail: "There is no builder 'linux-x68'." }}>
                <a href="gallery">All builders</a>
            </Problem>
            <Problem error={{ status: 403, title: "Forbidden", detail: "Reading builds takes a role." }} />
            <Empty title="No builds yet">
                <p>
                    This builder has never built anything. <StockLink to="builders/1">Force a build</StockLink>
                </p>
            </Empty>
            <Skeleton lines={4} />
            <p id="tries">{`tried ${tries} times`}</p>
        </>
    );
}

function Other({ query }: PageProps) {
    const name = useMemo(() => query.get("build") ?? "other", [query]);
    return (
        <>
            <PageHead title={`Other ${name}`} />
            <a href="gallery">Back</a>
        </>
    );
}

function page(name: string, text: string, order: number, key?: string) {
    const nav = key ? { text, order, key } : { text, order };
    return defineView({ name, title: text, paths: [name], nav, load: () => Promise.resolve({ default: Other }) });
}

const router = new Router(
    [
        defineView({
            name: "gallery",
            title: "Gallery",
            paths: ["gallery", ""],
            nav: { text: "Gallery", order: 0, key: "a" },
            load: () => Promise.resolve({ default: Gallery }),
        }),
        page("other", "Other", 10, "o"),
        page("waterfall", "Waterfall", 20),
        page("grid", "Grid", 30),
        page("console", "Console", 40),
        page("changes", "Changes", 50),
        page("pending", "Pending", 60),
        page("workers", "Workers", 510),
        page("masters", "Masters and schedulers", 520),
    ],
    window,
);

const builders: Source = {
    name: "Builders",
    entries: async () => {
        await Promise.resolve();
        return BUILDERS.map(({ id, name, tags }) => ({
            title: name,
            detail: tags.join(" "),
            href: `other?builder=${id}`,
            status: "success",
        }));
    },
};
const broken: Source = { name: "Changes", entries: () => Promise.reject(new Error("unreachable")) };

const connection = signal<Status>({ state: "live" });
const site = signal<Site | undefined>({
    title: "Example project",
    title_url: null,
    buildbot_url: null,
    stock_url: "https://ci.example.org/",
    version: null,
    database: null,
    look_interval_ms: null,
});
const ended = new Map<number, (build: Ended | undefined) => void>();
const builds: BuildEnds = {
    watch(buildid, told) {
        ended.set(buildid, told);
        return () => ended.delete(buildid);
    },
};
Object.assign(window, { connection, ended, router });

startTheme(window);
void router.start();
render(
    <Shell
        router={router}
        connection={connection}
        site={site}
        sources={[builders, broken]}
        watching={startWatching(window, builds, router)}
    />,
    document.body,
);
