/** The lines of a log that are seen. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Line } from "../../base/loglines";
import { KEPT } from "../../base/loglines";
import { counted } from "../../base/text";
import { TerminalLine } from "../../widgets/terminal";
import { writeLines } from "./address";
import type { Range } from "./geometry";
import { isEnd, type Group } from "./groups";
import type { Sheet } from "./sheet";

export interface ViewerProps {
    readonly sheet: Sheet;
    readonly label: string;
    /** The address of the page, without lines. */
    readonly href: string;
    readonly selected: Range | undefined;
    readonly needle: string;
    /** The line that was gone to last. */
    readonly current: number | undefined;
    readonly select: (line: number, extend: boolean) => void;
    /** Show all of a line that is too long. */
    readonly open: (line: number) => void;
    readonly scroller: RefObject<HTMLDivElement | null>;
}

export function Viewer(props: ViewerProps) {
    const { sheet, label, scroller } = props;
    const sizer = useRef<HTMLDivElement>(null);
    useLayoutEffect(() => {
        if (scroller.current && sizer.current) return sheet.attach(scroller.current, sizer.current);
        return undefined;
    }, [sheet, scroller]);
    return (
        <div
            ref={scroller}
            class="log-lines"
            role="region"
            aria-label={label}
            tabIndex={0}
            dir="ltr"
            style={{ "--line-height": `${sheet.lineHeight}px` }}
            onKeyDown={(event) => {
                if (event.key !== "Home" && event.key !== "End") return;
                event.preventDefault();
                sheet.goTo(event.key === "Home" ? "head" : "tail");
            }}
        >
            <div ref={sizer} class="sizer">
                <Rows {...props} />
            </div>
        </div>
    );
}

function Rows({ sheet, href, selected, needle, current, select, open }: ViewerProps) {
    const { lines, top } = sheet.seen.value;
    // The lines are read from where they are kept: this says that there are others.
    const { value: version } = sheet.text.version;
    const digits = String(sheet.text.count.value).length;
    return (
        <div class="pane" style={{ height: `${sheet.viewport.value}px`, "--digits": digits }}>
            <div class="rows" data-version={version} style={{ transform: `translateY(${top}px)` }}>
                {lines.map((number) => {
                    const line = sheet.text.line(number);
                    const isSelected = selected && number >= selected.first && number <= selected.last;
                    const isFound = needle !== "" && line?.text.includes(needle);
                    const classes = ["line", line?.stream, isSelected && "selected", isFound && "found"];
                    if (number === current) classes.push("current");
                    return (
                        <div key={number} class={classes.filter(Boolean).join(" ")}>
                            <a
                                class="number"
                                href={`${href}${writeLines({ first: number, last: number })}`}
                                aria-label={`Line ${number + 1}`}
                                tabIndex={-1}
                                onClick={(event) => {
                                    if (event.ctrlKey || event.metaKey) return;
                                    event.preventDefault();
                                    select(number, event.shiftKey);
                                }}
                            >
                                {number + 1}
                            </a>
                            {line ? (
                                <Text sheet={sheet} number={number} line={line} needle={needle} open={open} />
                            ) : (
                                <span class="missing" />
                            )}
                        </div>
                    );
                })}
            </div>
        </div>
    );
}

function Text({
    sheet,
    number,
    line,
    needle,
    open,
}: {
    sheet: Sheet;
    number: number;
    line: Line;
    needle: string;
    open: (line: number) => void;
}) {
    const group = sheet.groupAt(number);
    if (group) return <GroupLine sheet={sheet} number={number} group={group} />;
    if (isEnd(line.text)) return <span class="text end" title="The end of a group" />;
    return (
        <span class="text">
            <TerminalLine text={line.text} found={needle} />
            {line.length > KEPT && (
                <button type="button" class="rest" onClick={() => open(number)}>
                    … all {line.length === Infinity ? "of it" : counted(line.length, "character")}
                </button>
            )}
        </span>
    );
}

function GroupLine({ sheet, number, group }: { sheet: Sheet; number: number; group: Group }) {
    const [isSearching, setSearching] = useState(false);
    const isFolded = sheet.isFolded({ first: number + 1, last: number + 1 });
    async function toggle() {
        if (isFolded) {
            sheet.unfold(number);
            return;
        }
        setSearching(true);
        try {
            await sheet.fold(number, group, new AbortController().signal);
        } catch {
            // It stays as it is; the connection's state says why.
        }
        setSearching(false);
    }
    return (
        <button
            type="button"
            class="text group"
            aria-expanded={!isFolded}
            disabled={isSearching}
            onClick={() => void toggle()}
        >
            <TerminalLine text={group.title || "Group"} />
        </button>
    );
}
