/** What tells of events: the one connection to the server, be it in this page or in a worker that pages share. */
import type { ReadonlySignal } from "@preact/signals-core";
import type { Fields, Problem } from "./http";
import type { Follow } from "./live";

/** How up to date all is that is shown. Times are seconds since the epoch, as in the API. */
export type Status =
    | { readonly state: "live" }
    | { readonly state: "reconnecting"; readonly since: number }
    /** Nothing has come for so long that it may well be otherwise by now. */
    | { readonly state: "stale"; readonly since: number };

/** What has happened to one thing. */
export interface Delivery {
    /** What happened to what: `builds/7/finished`. */
    readonly topic: string;
    /** The thing, after it. */
    readonly record: Fields;
    /** It met the filter, and does not any more. */
    readonly left: boolean;
    /** From there to go on. */
    readonly cursor: string;
    /** What else the event says: `first`, `last`, `content` of lines. */
    readonly extra: Fields;
}

/** All of it can be sent between workers and pages. */
export type Told =
    | { readonly kind: "delivery"; readonly delivery: Delivery }
    /** What follows cannot be told any more, or something was lost: the subscription is over, and all is to be listed anew. */
    | { readonly kind: "gone"; readonly everybody: boolean }
    /** The subscription is over, and would be again. */
    | { readonly kind: "failed"; readonly problem: Problem };

export interface Subscription {
    close(): void;
}

export interface Wanted extends Follow {
    /** The cursor after which all is told; undefined: from now on. */
    readonly since: string | undefined;
}

export interface Link {
    readonly status: ReadonlySignal<Status>;
    subscribe(wanted: Wanted, listener: (told: Told) => void): Subscription;
    /** It may be possible to connect now, or the connection may be dead: look at once. */
    wake(): void;
    /** For ever. */
    close(): void;
}
