/** The API over HTTP: single calls, batches, errors. */
import { toSearch, type Query } from "./query";

/** What went wrong, as the server says it (RFC 9457); without `status` nobody answered. */
export interface Problem {
    /** One word, such as `not-found`; `unreachable` where there was no answer, `unknown` where it was none of the API's. */
    readonly code: string;
    readonly status: number;
    readonly title: string;
    readonly detail: string;
}

export class ApiError extends Error implements Problem {
    override readonly name = "ApiError";
    readonly code: string;
    readonly status: number;
    readonly title: string;
    readonly detail: string;

    constructor({ code, status, title, detail }: Problem, options?: ErrorOptions) {
        super(detail, options);
        [this.code, this.status, this.title, this.detail] = [code, status, title, detail];
    }

    /** Whether the same call may succeed later, with nothing done about it. */
    get passes(): boolean {
        return this.status === 0 || this.status === 429 || this.status >= 500;
    }
}

export interface Meta {
    /** How many there are on all pages, if that is known. */
    readonly total?: number;
    readonly total_at_least?: number;
    /** The call that gives what follows, relative to the root of the API. */
    readonly next?: string;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Records of one type. One thing is a list of one. */
export interface Answer {
    readonly rows: readonly Fields[];
    readonly meta: Meta;
}

/** With the place in the stream of events that it was read at: what happens after it can be asked for. */
export type At<Read> = Read & { readonly cursor: string | undefined };

export type Ask = readonly [path: string, query: Query];

export type Fetch = (input: URL, init: RequestInit) => Promise<Response>;

/** Calls that one batch takes. */
const MOST = 100;

export class Api {
    readonly #root: URL;
    readonly #fetch: Fetch;

    /** `base`: the root of the server, below which `api/v2` is. */
    constructor(base: URL, fetch: Fetch) {
        this.#root = new URL("api/v2/", base);
        this.#fetch = fetch;
    }

    /** Also a call that `meta.next` gives. Fails with ApiError, or with the reason of the signal. */
    async get(path: string, query: Query = {}, signal?: AbortSignal): Promise<At<Answer>> {
        const search = toSearch(query);
        const { body, cursor } = await this.#send(search ? `${path}?${search}` : path, {}, signal);
        return { ...toAnswer(body), cursor };
    }

    /** All read in one snapshot; an error in the place of a call that failed. More than 100 are several snapshots. */
    async batch(asks: readonly Ask[], signal?: AbortSignal): Promise<At<{ answers: readonly (Answer | ApiError)[] }>> {
        const { body, cursor } = await this.#send("batch", toPost(asks.slice(0, MOST)), signal);
        const answers = (body as { answers: readonly object[] }).answers.map((answer) =>
            isProblem(answer) ? new ApiError(answer) : toAnswer(answer),
        );
        if (asks.length <= MOST) return { answers, cursor };
        const rest = await this.batch(asks.slice(MOST), signal);
        // Whoever goes on from the earlier place misses nothing of either.
        return { answers: [...answers, ...rest.answers], cursor: cursor ?? rest.cursor };
    }

    async #send(call: string, init: RequestInit, signal?: AbortSignal) {
        let response: Response;
        let body: unknown;
        try {
            response = await this.#fetch(new URL(call, this.#root), signal ? { ...init, signal } : init);
            body = await response.json();
        } catch (error) {
            if (signal?.aborted) throw error;
            const detail = "The server cannot be reached, or something between here and there answers in its place.";
            throw new ApiError({ code: "unreachable", status: 0, title: "No answer", detail }, { cause: error });
        }
        if (!response.ok) {
            const { status, statusText } = response;
            throw new ApiError(
                isProblem(body)
                    ? body
                    : { code: "unknown", status, title: statusText, detail: `HTTP status ${status}` },
            );
        }
        return { body, cursor: response.headers.get("X-Status-Cursor") ?? undefined };
    }
}

function toPost(asks: readonly Ask[]): RequestInit {
    return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asks) };
}

/** The records are under their type's name, which stands beside `meta` alone. */
function toAnswer(body: unknown): Answer {
    const { meta, ...rest } = body as { meta: Meta };
    const [rows = []]: (readonly Fields[])[] = Object.values(rest);
    return { rows, meta };
}

export function isProblem(body: unknown): body is Problem {
    return typeof body === "object" && body !== null && "code" in body && "status" in body && "detail" in body;
}
