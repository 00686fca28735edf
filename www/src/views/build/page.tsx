/** A build: if it is red, why; its steps, properties and changes. One request, then events. */
import { useComputed } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { live } from "../../api/live";
import { tailOf } from "../../api/text";
import { isBad, statusOf } from "../../base/results";
import { clockTime, duration, now } from "../../base/time";
import { PageHead } from "../../widgets/head";
import { useShortcut } from "../../widgets/keyboard";
import { useLive, useOne, useStore } from "../../widgets/live";
import { Badge } from "../../widgets/marks";
import { noneAt, Problem, Skeleton, type Failure } from "../../widgets/problem";
import { useRouter } from "../../widgets/router";
import { StockLink } from "../../widgets/site";
import { Age, Duration } from "../../widgets/times";
import type { PageProps } from "../../widgets/views";
import { WatchButton } from "../../widgets/watching";
import { Changes } from "./changes";
import { Facts } from "./facts";
import {
    builderName,
    buildHref,
    commitOf,
    failedSteps,
    findingsOf,
    isLost,
    isNamed,
    requestsOf,
    stepsOf,
    subBuildOf,
    type Step,
} from "./model";
import { queriesOf, subBuilds, TAIL, type BuildRow, type ChangeRow, type NeighbourRow, type TailRow } from "./queries";
import { NoStep, Steps } from "./steps";
import { Why } from "./why";
import "./page.css";

export default function BuildPage({ params }: PageProps<"builders/:builder/builds/:number">) {
    const { builder, number } = params;
    const none = noneAt(builder, "builder");
    if (none) return <NoBuild builder={builder} error={none} />;
    if (!/^-?[0-9]{1,9}$/.test(number)) {
        const detail = `${number} is no number of a build. It would be 1, 2, …, or -1 for the newest.`;
        return <NoBuild builder={builder} error={{ status: 404, title: "Not found", detail }} />;
    }
    return number.startsWith("-") ? (
        <Latest builder={builder} number={number} />
    ) : (
        <Build builder={builder} number={Number(number)} />
    );
}

/** `-1` is the highest: which one that is has to be known before events about it can be asked for. */
function Latest({ builder, number }: { builder: string; number: string }) {
    const router = useRouter();
    const path = `builders/${encodeURIComponent(builder)}/builds/${number}` as "builders/1/builds/1";
    const { row, error } = useOne(live(path, { field: ["number", "builderid"] }, { topic: false }));
    const found = row.value;
    useEffect(() => {
        if (found) router.navigate(buildHref(found.builderid, found.number) + location.hash, { replace: true });
    }, [router, found]);
    return error.value ? <NoBuild builder={builder} error={error.value} /> : <Skeleton lines={8} />;
}

function Build({ builder, number }: { builder: string; number: number }) {
    const lists = useLive(queriesOf(builder, number));
    const [build] = lists.build.rows.value;
    const error = lists.build.error.value;
    if (!build) {
        return error ? (
            <NoBuild builder={builder} error={error} />
        ) : (
            <>
                <PageHead title={`Build #${number}`} />
                <Skeleton lines={12} />
            </>
        );
    }
    return <Loaded build={build} lists={lists} />;
}

/** Where one can go on: to the builder, if there is one. */
function NoBuild({ builder, error }: { builder: string; error: Failure }) {
    const { row } = useOne(
        live(
            `builders/${encodeURIComponent(builder)}` as "builders/1",
            { field: ["builderid", "name"] },
            { topic: false },
        ),
    );
    const found = row.value;
    return (
        <>
            <PageHead title={error.status === 404 ? "No such build" : "Build"} />
            <Problem error={error}>
                {found ? (
                    <a href={`builders/${found.builderid}`}>
                        The builder <bdi>{found.name}</bdi>
                    </a>
                ) : (
                    <a href="builders">All builders</a>
                )}
            </Problem>
        </>
    );
}

type Lists = ReturnType<typeof useLive<ReturnType<typeof queriesOf>>>;

function Loaded({ build, lists }: { build: BuildRow; lists: Lists }) {
    const named = useNamedStep();
    const listed = lists.triggered.rows.value;
    const requests = requestsOf(lists.steps.rows.value);
    const isGoingOn = !build.complete || listed.some(({ complete }) => !complete);
    const subs = useSubBuilds(listed, isGoingOn ? requests : []);
    const { steps, rest } = stepsOf(lists.steps.rows.value, subs.map(subBuildOf));
    const target = named === undefined ? undefined : steps.find((step) => isNamed(step, named));
    useScrollTo(target);
    const failed = failedSteps(steps);
    const tails = useTails(
        lists.tails.rows.value,
        lists.tails.state.value !== "loading",
        failed.flatMap(({ logs }) => logs),
    );
    const status = isLost(build) ? "exception" : statusOf(build.results);
    const isRed = isBad(status) || failed.length > 0;
    // Rows have another type of the same name.
    const rows = lists.changes.rows.value as readonly unknown[] as readonly ChangeRow[];
    const [good] = lists.good.rows.value;
    const changes = (
        <Changes
            commits={rows.map(commitOf)}
            total={lists.changes.total.value ?? rows.length}
            since={good && { number: good.number, href: buildHref(build.builderid, good.number) }}
            heading={isRed ? "h3" : "h2"}
        />
    );
    return (
        <div class="build-page">
            <Head
                build={build}
                previous={lists.previous.rows.value[0]}
                next={lists.next.rows.value[0]}
                tested={lists.tests.rows.value.length > 0}
            />
            {!build.complete && !isLost(build) && <Eta build={build} />}
            <div class="main">
                {named !== undefined && !target && lists.steps.state.value === "ready" && (
                    <NoStep build={build} named={named} steps={steps} />
                )}
                {isRed && (
                    <Why build={build} failed={failed} tails={tails} findings={findingsOf(lists.tests.rows.value)}>
                        {changes}
                    </Why>
                )}
                <Steps build={build} steps={steps} rest={rest} target={target?.number} />
                {!isRed && changes}
            </div>
            <Facts build={build} />
        </div>
    );
}

function Head({
    build,
    previous,
    next,
    tested,
}: {
    build: BuildRow;
    previous: NeighbourRow | undefined;
    next: NeighbourRow | undefined;
    tested: boolean;
}) {
    const router = useRouter();
    const name = `${builderName(build)} #${build.number}`;
    const href = buildHref(build.builderid, build.number);
    const lost = isLost(build);
    const go = (neighbour: NeighbourRow | undefined) => () =>
        neighbour && router.navigate(buildHref(build.builderid, neighbour.number));
    useShortcut("p", "Previous build of this builder", go(previous));
    useShortcut("n", "Next build of this builder", go(next));
    const below = (
        <>
            <bdi>{lost ? "It never ended: its master is gone." : build.state_string}</bdi>
            {" · "}
            <Age at={build.started_at} />
            {!lost && (
                <>
                    {" · "}
                    <Duration from={build.started_at} to={build.complete_at} />
                </>
            )}
        </>
    );
    return (
        <PageHead title={name} status={lost ? "exception" : statusOf(build.results)} below={below}>
            <Neighbour build={build} of={previous} words="Previous" />
            <Neighbour build={build} of={next} words="Next" />
            {tested && (
                <a class="button" href={`${href}/tests`}>
                    Tests
                </a>
            )}
            {!build.complete && <WatchButton build={{ buildid: build.buildid, name, href }} />}
            <StockLink to={href}>{build.complete ? "Rebuild in Buildbot" : "Stop in Buildbot"}</StockLink>
        </PageHead>
    );
}

function Neighbour({
    build,
    of,
    words,
}: {
    build: BuildRow;
    of: NeighbourRow | undefined;
    words: "Previous" | "Next";
}) {
    if (!of) return null;
    return (
        <a
            class="button"
            href={buildHref(build.builderid, of.number)}
            rel={words === "Next" ? "next" : "prev"}
            aria-label={`${words} build: #${of.number}, ${statusOf(of.results)}`}
        >
            {words === "Previous" && "←"} <Badge status={statusOf(of.results)}>#{of.number}</Badge>{" "}
            {words === "Next" && "→"}
        </a>
    );
}

/** When it will be complete, as far as one can know, and how far it is. */
function Eta({ build }: { build: BuildRow }) {
    const { eta, started_at: start } = build;
    if (typeof eta !== "number") return null;
    const left = eta - now.value;
    const part = Math.min(1, Math.max(0, (now.value - start) / Math.max(1, eta - start)));
    const words =
        left >= 0 ? `${duration(left)} left, done about ${clockTime(eta, now.value)}` : `${duration(-left)} late`;
    return (
        <div class={`build-eta${left < 0 ? " late" : ""}`}>
            <progress max={1} value={part} aria-label="How far it is, by how long builds took before" />
            <span>{words}</span>
        </div>
    );
}

/** Those that were there when the page was asked for, and while something goes on those that come. */
function useSubBuilds(listed: Lists["triggered"]["rows"]["value"], requests: readonly number[]) {
    const queries = requests.length ? { subs: subBuilds(requests) } : {};
    const { subs }: { subs?: Lists["triggered"] } = useLive(queries);
    const newer = subs?.rows.value ?? [];
    const known = new Set(newer.map(({ buildid }) => buildid));
    return [...listed.filter(({ buildid }) => !known.has(buildid)), ...newer];
}

/** The ends of logs: those that came with the page, and of steps that have failed since. */
function useTails(
    came: readonly TailRow[],
    isKnown: boolean,
    logs: readonly { readonly logid: number }[],
): ReadonlyMap<number, TailRow> {
    const { api } = useStore();
    const [later, setLater] = useState<ReadonlyMap<number, TailRow>>(new Map());
    const asked = useRef(new Set<number>());
    useEffect(() => {
        if (!isKnown) return;
        for (const { logid } of came) asked.current.add(logid);
        for (const { logid } of logs) {
            if (asked.current.has(logid)) continue;
            asked.current.add(logid);
            // Without it there is the link to the log.
            void tailOf(api, logid, TAIL).then(
                (tail) => setLater((others) => new Map([...others, [logid, tail]])),
                () => undefined,
            );
        }
    });
    return new Map([...later, ...came.map((tail) => [tail.logid, tail] as const)]);
}

/** What the address calls the step that it is about. */
function useNamedStep(): string | undefined {
    const { shown } = useRouter();
    const { value: hash } = useComputed(() => (shown.value.state === "page" ? shown.value.place.url.hash : ""));
    const [, name] = /^#step-(.+)$/.exec(hash) ?? [];
    return name && unescaped(name);
}

function unescaped(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

/** As soon as it is there. */
function useScrollTo(step: Step | undefined) {
    const number = step?.number;
    useEffect(() => {
        if (number !== undefined) document.getElementById(`step-${number}`)?.scrollIntoView({ block: "center" });
    }, [number]);
}
