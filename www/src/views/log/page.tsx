/** A log, of any size: its lines as they come, found, linked to, folded. */
import { useComputed, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { LogText } from "../../api/text";
import { isBad, statusOf, type Status } from "../../base/results";
import { counted } from "../../base/text";
import { PageHead } from "../../widgets/head";
import { useShortcut } from "../../widgets/keyboard";
import { useLive, useStore } from "../../widgets/live";
import { Badge } from "../../widgets/marks";
import { Empty, Problem, Skeleton } from "../../widgets/problem";
import { useRouter } from "../../widgets/router";
import type { PageProps } from "../../widgets/views";
import { chosen, readLines, writeLines } from "./address";
import { FindBar, FirstErrorButton } from "./bars";
import { Finder, FirstError } from "./find";
import { NoLog } from "./none";
import { aboveOf, queriesOf, stepOf, type Above, type LogRow, type OtherLogRow } from "./queries";
import { Sheet } from "./sheet";
import { Viewer } from "./viewer";
import { WholeLine } from "./whole";
import "./page.css";

type Props = PageProps<"builders/:builder/builds/:number/steps/:step/logs/:slug">;

export default function LogPage({ params }: Props) {
    const hash = useHash();
    // Only what it was at first decides what is asked for with the page.
    const [first] = useState(() => readLines(hash.peek()));
    const { log, logs, head, tail, around } = useLive(queriesOf(params, first));
    const [row] = log.rows.value;
    const above = row && aboveOf(row);
    const store = useStore();
    const opened = useMemo(() => {
        if (!row) return undefined;
        const text = new LogText(store, row);
        for (const chunks of [head, tail, around]) for (const chunk of chunks.rows.peek()) text.put(chunk);
        return text;
    }, [store, row, head, tail, around]);
    useEffect(() => {
        opened?.follow(log.cursor.peek());
        return () => opened?.close();
    }, [opened, log]);
    const error = log.error.value;
    if (!row || !above || !opened) {
        return error ? (
            <NoLog params={params} error={error} />
        ) : (
            <>
                <PageHead title="Log" />
                <Skeleton lines={12} />
            </>
        );
    }
    return <Opened key={row.logid} row={row} above={above} text={opened} others={logs.rows.value} hash={hash} />;
}

function useHash(): ReadonlySignal<string> {
    const { shown } = useRouter();
    return useComputed(() => (shown.value.state === "page" ? shown.value.place.url.hash : ""));
}

interface OpenedProps {
    readonly row: LogRow;
    readonly above: Above;
    readonly text: LogText;
    readonly others: readonly OtherLogRow[];
    readonly hash: ReadonlySignal<string>;
}

function Opened({ row, above, text, others, hash }: OpenedProps) {
    const router = useRouter();
    const scroller = useRef<HTMLDivElement>(null);
    const [whole, setWhole] = useState<number>();
    const status = useStatus(above);
    const { sheet, finder, firstError } = useMemo(
        () => ({ sheet: new Sheet(text, lineHeight()), finder: new Finder(text), firstError: new FirstError(text) }),
        [text],
    );
    const selected = readLines(hash.value);
    const build = `builders/${above.build.builderid}/builds/${above.build.number}`;
    const href = `${build}/steps/${above.step.number}/logs/${encodeURIComponent(row.slug)}`;

    useEffect(() => {
        const lines = readLines(hash.peek());
        if (lines) sheet.show(lines.first);
        else if (!text.complete.peek()) sheet.follow();
        else if (isBad(statusOf(above.step.results))) {
            void firstError.find().then((line) => {
                if (sheet.touched) return;
                // Without one it is the end that says most.
                if (line === undefined) sheet.goTo("tail");
                else sheet.show(line);
            });
        }
        return () => {
            finder.close();
            firstError.close();
        };
        // eslint-disable-next-line react-hooks/exhaustive-deps -- where it opens is decided once
    }, [sheet]);
    // Somebody has followed a link to other lines.
    const shown = useRef(hash.value);
    useEffect(() => {
        if (shown.current !== hash.value && selected) sheet.show(selected.first);
        shown.current = hash.value;
    });

    function select(line: number, extend: boolean) {
        const address = `${href}${writeLines(chosen(line, extend, selected))}`;
        shown.current = new URL(address, router.base).hash;
        router.navigate(address, { replace: true });
    }

    function goTo(line: number | undefined) {
        if (line !== undefined) sheet.show(line);
    }

    useShortcut("h", "Go to the beginning of the log", () => sheet.goTo("head"));
    useShortcut("t", "Go to the end of the log", () => sheet.goTo("tail"));
    useShortcut("e", "Go to the first error", () => void firstError.find().then(goTo));

    return (
        <div class="log-page fills">
            <PageHead
                title={`${row.name} of ${above.step.name}`}
                status={status}
                below={
                    <>
                        <a href={build}>
                            <bdi>
                                {above.builder.name} #{above.build.number}
                            </bdi>
                        </a>
                        {" · "}
                        <a href={`${build}#step-${above.step.number}`}>
                            step <bdi>{above.step.name}</bdi>
                        </a>
                        {" · "}
                        <Count text={text} />
                        <NoSuchLine text={text} hash={hash.value} />
                    </>
                }
            >
                <FirstErrorButton firstError={firstError} goTo={goTo} />
                <a class="button" href={`api/v2/logs/${row.logid}/raw`} download="">
                    Download
                </a>
            </PageHead>
            <Tabs others={others} current={row} build={build} step={above.step.number} />
            <FindBar finder={finder} from={() => sheet.seen.peek().lines[0] ?? 0} goTo={goTo} />
            {text.error.value && <Problem error={text.error.value} retry={() => sheet.want()} />}
            {row.type === "h" && (
                <p class="quiet">
                    This log is HTML. It may come from anywhere, so its text stands here as it is:{" "}
                    <a href={`api/v2/logs/${row.logid}/raw`} download="">
                        Download it
                    </a>{" "}
                    to see it as a page.
                </p>
            )}
            <div class="frame">
                {row.type === "d" ? (
                    <Empty title="The text of this log was deleted">
                        Old logs are, so that they do not fill the disk.
                    </Empty>
                ) : text.count.value === 0 ? (
                    <Empty title={text.complete.value ? "This log is empty" : "Nothing was written yet"} />
                ) : (
                    <Viewer
                        sheet={sheet}
                        label={`Lines of ${row.name}`}
                        href={href}
                        selected={selected}
                        needle={finder.needle.value}
                        current={finder.current.value ?? firstError.line.value}
                        select={select}
                        open={setWhole}
                        scroller={scroller}
                    />
                )}
                <Ends sheet={sheet} />
            </div>
            {whole !== undefined && (
                <WholeLine
                    text={text}
                    number={whole}
                    raw={`api/v2/logs/${row.logid}/raw`}
                    close={() => setWhole(undefined)}
                />
            )}
        </div>
    );
}

/** As high as a line of this font is. */
function lineHeight(): number {
    return Math.round(Number.parseFloat(getComputedStyle(document.documentElement).fontSize) * 1.25) || 20;
}

/** Of the step: it may end after the page was loaded, but not before its log. */
function useStatus({ step }: Above): Status {
    const lists = useLive(step.complete ? {} : { step: stepOf(step.stepid) });
    const { step: list }: { step?: ReturnType<typeof useLive<{ step: ReturnType<typeof stepOf> }>>["step"] } = lists;
    const [newest] = list?.rows.value ?? [];
    return statusOf(newest ? newest.results : step.results);
}

function Count({ text }: { text: LogText }) {
    const count = text.count.value;
    return (
        <>
            {counted(count, "line")}
            {!text.complete.value && (
                <>
                    {" · "}
                    <Badge status="running">being written</Badge>
                </>
            )}
        </>
    );
}

/** Where an address leads nowhere. Of a log that is still written any line may come. */
function NoSuchLine({ text, hash }: { text: LogText; hash: string }) {
    const isMissing = (readLines(hash)?.first ?? Infinity) >= text.count.value;
    if (!text.complete.value || !hash.startsWith("#L") || !isMissing) return null;
    return <span role="status"> · there is no such line as the address says</span>;
}

/** The logs of the step. */
function Tabs(props: { others: readonly OtherLogRow[]; current: LogRow; build: string; step: number }) {
    const { others, current, build, step } = props;
    if (others.length < 2) return null;
    return (
        <nav class="log-tabs" aria-label="Logs of the step">
            {others.map(({ logid, name, slug }) => (
                <a
                    key={logid}
                    href={`${build}/steps/${step}/logs/${encodeURIComponent(slug)}`}
                    aria-current={logid === current.logid ? "page" : undefined}
                >
                    <bdi>{name}</bdi>
                </a>
            ))}
        </nav>
    );
}

/** To both ends, and on with what is written. */
function Ends({ sheet }: { sheet: Sheet }) {
    const isRunning = !sheet.text.complete.value;
    return (
        <div class="ends">
            <button
                type="button"
                class="button square"
                aria-label="To the beginning"
                title="To the beginning (h)"
                onClick={() => sheet.goTo("head")}
            >
                ↑
            </button>
            <button
                type="button"
                class={`button ${isRunning ? "" : "square"}`}
                aria-pressed={isRunning ? sheet.following.value : undefined}
                aria-label={isRunning ? "Follow" : "To the end"}
                title={isRunning ? "Stay at the end while lines come (t)" : "To the end (t)"}
                onClick={() => sheet.goTo("tail")}
            >
                ↓{isRunning && " Follow"}
            </button>
        </div>
    );
}
