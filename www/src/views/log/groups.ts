/** Groups of lines, as programs mark them for the logs of some CI systems. */
import { plain } from "../../base/ansi";

/** `marked` ends with a line of its own; a `section` where the next one begins. */
export interface Group {
    readonly kind: "marked" | "section";
    readonly title: string;
}

const MARKED = /^(?:##\[group\]|::group::)(.*)$/;
const END = /^(?:##\[endgroup\]|::endgroup::)/;
/** Not the names of files, with which differences begin. */
const SECTION = /^(?:---|\+\+\+|~~~) (?!(?:[ab]\/|\/dev\/null\b|\S+\t))(\S.*)$/;

/** What is searched for, where such a line may be. */
export const MARKS = {
    marked: ["##[endgroup]", "::endgroup::", "##[group]", "::group::"],
    section: ["--- ", "+++ ", "~~~ "],
} as const;

/** The group that begins with a line. */
export function groupAt(line: string): Group | undefined {
    // Most lines are none: they are not looked at more closely.
    if (!/##\[group\]|::group::|--- |\+\+\+ |~~~ /.test(line)) return undefined;
    const text = plain(line);
    const marked = MARKED.exec(text);
    if (marked) return { kind: "marked", title: marked[1]?.trim() ?? "" };
    const section = SECTION.exec(text);
    return section ? { kind: "section", title: section[1] ?? "" } : undefined;
}

/** Whether a line is the end of a group, and the last of its lines: else it ends before. */
export function endsGroup(line: string, { kind }: Group): "with" | "before" | undefined {
    const text = plain(line);
    if (kind === "marked" && END.test(text)) return "with";
    return groupAt(text)?.kind === kind ? "before" : undefined;
}

/** Whether a line only says that a group ends. */
export function isEnd(line: string): boolean {
    return END.test(line);
}
