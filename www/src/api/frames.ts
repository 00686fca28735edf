/** What goes over the WebSocket. */
import type { Fields, Problem } from "./http";
import type { Delivery, Wanted } from "./link";

export type Frame =
    | { readonly kind: "event"; readonly name: string; readonly number: number; readonly delivery: Delivery }
    /** Nothing has happened up to there. Also the answer to a start, which names the place where it begins. */
    | { readonly kind: "place"; readonly name: string; readonly cursor: string; readonly starts: boolean }
    /** Nothing (more) comes of a subscription. */
    | { readonly kind: "over"; readonly name: string; readonly problem: Problem }
    | { readonly kind: "other" };

/** A name tells subscriptions of one topic apart. */
export function startFrame(name: string, { topic, query, since }: Wanted): string {
    return JSON.stringify({ cmd: "startConsuming", path: topic, query, name, since, cursors: true, _id: name });
}

export function stopFrame(name: string, topic: string): string {
    return JSON.stringify({ cmd: "stopConsuming", path: topic, name, _id: null });
}

export const PING = JSON.stringify({ cmd: "ping", _id: null });

export function parseFrame(text: string): Frame {
    const frame = JSON.parse(text) as Fields;
    const { k, m, cursor, number, name, left, ...extra } = frame;
    if (typeof k === "string" && typeof name === "string" && typeof cursor === "string" && typeof number === "number") {
        const delivery = { topic: k, record: m as Fields, left: left === true, cursor, extra };
        return { kind: "event", name, number, delivery };
    }
    const about = name ?? frame["_id"];
    if (typeof about !== "string") return { kind: "other" };
    if (typeof frame["error"] === "string") return { kind: "over", name: about, problem: toProblem(frame) };
    if (typeof cursor === "string") return { kind: "place", name: about, cursor, starts: name === undefined };
    return { kind: "other" };
}

/** In frames `code` is the status, as in Buildbot. */
function toProblem({ code, error }: Fields): Problem {
    return { code: "refused", status: Number(code), title: "Not told of", detail: String(error) };
}
