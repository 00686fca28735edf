/** What became of builds and steps, or will: in words, in symbols, and drawn. */

/** In the order of Buildbot's result codes, which begin at 0. */
const RESULTS = ["success", "warnings", "failure", "skipped", "exception", "retry", "cancelled"] as const;

export type Result = (typeof RESULTS)[number];
/** Also what has no result yet; `unknown` is a code that a later server may send. */
export type Status = Result | "running" | "pending" | "unknown";

export const STATUSES: readonly Status[] = [...RESULTS, "running", "pending", "unknown"];

/** The status of a result code. Without one a thing runs, if it was ever started. */
export function statusOf(results: number | null | undefined, started = true): Status {
    if (results === null || results === undefined) return started ? "running" : "pending";
    return RESULTS[results] ?? "unknown";
}

/** The result code of a status that has one, for a query. */
export function codeOf(status: string): number | undefined {
    const code = (RESULTS as readonly string[]).indexOf(status);
    return code < 0 ? undefined : code;
}

/** Worst first: what somebody has to look at comes before what nobody has to. */
const BY_GRAVITY: readonly Status[] = [
    "exception",
    "failure",
    "unknown",
    "retry",
    "warnings",
    "cancelled",
    "running",
    "pending",
    "success",
    "skipped",
];

/** For sorting: the worst first. */
export function compareStatus(a: Status, b: Status): number {
    return BY_GRAVITY.indexOf(a) - BY_GRAVITY.indexOf(b);
}

/** The worst of some; undefined of none. */
export function worst(statuses: Iterable<Status>): Status | undefined {
    return [...statuses].sort(compareStatus)[0];
}

/** Whether somebody should look at it. */
export function isBad(status: Status): boolean {
    return status === "failure" || status === "exception";
}

/** A single character, where nothing can be drawn: the title of a window, a notification. */
export const SYMBOLS: Readonly<Record<Status, string>> = {
    success: "✓",
    warnings: "⚠",
    failure: "✗",
    skipped: "»",
    exception: "◆",
    retry: "↻",
    cancelled: "⊘",
    running: "▸",
    pending: "…",
    unknown: "?",
};

/**
 * How a status is drawn, in a square of 16: a solid shape with a line, if there is one, cut out of it, or the line alone. Shapes differ in
 * outline, so that they tell the status apart without any colour, also where they are small.
 */
export interface Drawing {
    readonly solid?: string;
    readonly line: string;
}

const DISC = "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z";
const RING = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z";
const SQUARE = "M4 1h8a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V4a3 3 0 0 1 3-3z";
const TRIANGLE = "M6.5 1.9a1.7 1.7 0 0 1 3 0l6 10.6a1.7 1.7 0 0 1-1.5 2.5H2a1.7 1.7 0 0 1-1.5-2.5z";
const PLAY = "M3 3.3a1.7 1.7 0 0 1 2.6-1.4l8 4.7a1.7 1.7 0 0 1 0 2.9l-8 4.7A1.7 1.7 0 0 1 3 12.7z";
const DIAMOND =
    "M6.9.9a1.55 1.55 0 0 1 2.2 0l6 6a1.55 1.55 0 0 1 0 2.2l-6 6a1.55 1.55 0 0 1-2.2 0l-6-6a1.55 1.55 0 0 1 0-2.2z";

export const DRAWINGS: Readonly<Record<Status, Drawing>> = {
    success: { solid: DISC, line: "M4.7 8.3l2.3 2.3 4.3-4.9" },
    warnings: { solid: TRIANGLE, line: "M8 6v3.4M8 12.1v.1" },
    failure: { solid: SQUARE, line: "M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" },
    skipped: { line: `${RING}M6 5.5L8.5 8 6 10.5M9 5.5L11.5 8 9 10.5` },
    exception: { solid: DIAMOND, line: "M9 3.8L6.3 8.3h3.4L7 12.2" },
    retry: { solid: DISC, line: "M11.3 6.8A3.5 3.5 0 1 0 11.4 9M11.6 4.3v2.6H9" },
    cancelled: { line: `${RING}M3.9 12.1l8.2-8.2` },
    running: { solid: PLAY, line: "" },
    pending: { line: `${RING}M8 4.8V8l2.2 1.6` },
    unknown: { line: `${RING}M6.3 6.3a1.8 1.8 0 1 1 2.6 1.7q-.9.4-.9 1.2M8 11.3v0` },
};

/** The drawing as an SVG document in one colour; what is cut out of it is transparent. */
export function drawn(status: Status, colour = "#000"): string {
    const { solid, line } = DRAWINGS[status];
    const stroke = `fill="none" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"`;
    const shape = solid
        ? `<mask id="m"><path fill="#fff" d="${solid}"/><path ${stroke} stroke="#000" d="${line}"/></mask>` +
          `<rect width="16" height="16" fill="${colour}" mask="url(#m)"/>`
        : `<path ${stroke} stroke="${colour}" d="${line}"/>`;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shape}</svg>`;
}
