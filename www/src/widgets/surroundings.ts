/** What the shell shows of the world beyond the page: from the client, and so as live as the page. */
import { effect, signal, untracked, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { BuilderPart, ChangePart, Site, WorkerPart } from "../api/generated";
import type { Api } from "../api/http";
import { live, type LiveQuery } from "../api/live";
import type { Store } from "../api/store";
import { fuzzy } from "../base/fuzzy";
import { desertedSince, isDeserted } from "../base/masters";
import { codeOf, isBad, statusOf, type Status } from "../base/results";
import { firstLine, personOf, shortRevision } from "../base/text";
import type { BuildEnds } from "../base/watches";
import { useLive, useOne } from "./live";
import { resolve } from "./places";
import type { Router } from "./router";
import type { Surroundings } from "./shell";
import type { Source } from "./sources";
import { startWatching } from "./watching";

export function surroundingsOf(store: Store, router: Router, window: Window & typeof globalThis): Surroundings {
    const site = signal<Site>();
    const deserted = signal<number>();
    const status = signal<Status>();
    function Beside() {
        const { sites, masters, builders } = useLive(BESIDE);
        useSignalEffect(() => {
            const [row] = sites.rows.value;
            if (row) site.value = row;
        });
        useSignalEffect(() => {
            if (masters.state.value === "ready") deserted.value = desertedSince(masters.rows.value);
        });
        useSignalEffect(() => {
            if (masters.state.value !== "ready" || builders.state.value !== "ready") return;
            status.value = statusOfAll(builders.rows.value, isDeserted(masters.rows.value));
        });
        return null;
    }
    return {
        connection: store.status,
        site,
        status,
        sources: sourcesOf(store.api, router),
        watching: startWatching(window, buildEnds(store), router),
        Beside,
        Away,
        deserted,
    };
}

/** Results that say how the code is, which a build that was cancelled, skipped or tried again does not. */
const TELLING = (["success", "warnings", "failure", "exception"] as const).flatMap((status) => codeOf(status) ?? []);
/** One build of each may be embedded in an answer. */
const MOST_BUILDERS = 5000;

const BESIDE = {
    sites: live("site", {}, { topic: false }),
    masters: live("masters", { field: ["masterid", "active", "last_active"] }),
    // Of each builder one build, and then those that end, so that no event has the server look at builds again.
    builders: live(
        "builders",
        {
            order: "name",
            limit: MOST_BUILDERS,
            field: ["builderid", "masterids"],
            expand: "builds",
            "builds.results": TELLING,
            "builds.order": "-number",
            "builds.limit": 1,
            "builds.field": ["builderid", "number", "results"],
        },
        // Those that have ended are forgotten now and then.
        { embed: { builds: { topic: "builds/*/finished", parent: "builderid" } }, every: 3600 },
    ),
};

type Row<Name extends keyof typeof BESIDE> = (typeof BESIDE)[Name] extends LiveQuery<infer Found> ? Found : never;

/** As the first page counts: something is broken, or nothing is; undefined where there is nothing that could be. */
export function statusOfAll(
    builders: readonly Pick<Row<"builders">, "masterids" | "builds">[],
    deserted: boolean,
): Status | undefined {
    const used = builders.filter(({ masterids }) => deserted || masterids.length > 0);
    if (used.length === 0) return undefined;
    return used.some(({ builds: [last] }) => last && isBad(statusOf(last.results))) ? "failure" : "success";
}

/** The smallest thing that is asked for nowhere else, until it is answered. */
const SIGN = live("site", { field: "title" }, { topic: false });

function Away({ back }: { back: () => void }) {
    const { state } = useOne(SIGN);
    const wasAway = useRef(false);
    useSignalEffect(() => {
        if (state.value === "failed") wasAway.current = true;
        // Where the server was there all the time, loading the page anew may come to nothing, over and over.
        if (state.value === "ready" && wasAway.current) back();
    });
    return null;
}

/** Live lists of one build each. */
export function buildEnds(store: Store): BuildEnds {
    return {
        watch(buildid, ended) {
            const query = live(`builds/${buildid}`, { field: ["complete", "results", "state_string"] });
            const release = store.hold(query);
            const { rows, state } = store.want(query);
            const end = effect(() => {
                const [build] = rows.value;
                if (build ? build.complete : state.value === "ready") untracked(() => ended(build));
            });
            return () => {
                end();
                release();
            };
        },
    };
}

/** Changes among which the palette looks: the newest, since no database finds words in those of years at once. */
const MOST_CHANGES = 200;
/** In milliseconds: what the palette has asked for is good for so long. */
const GOOD = 60_000;

/** What the palette finds: things that have a page, by their names. */
export function sourcesOf(api: Pick<Api, "get">, router: Router): readonly Source[] {
    const builders = kept(async () => {
        const { rows } = await api.get("builders", { field: ["builderid", "name", "tags"], order: "name" });
        return (rows as readonly BuilderPart[]).map(({ builderid = 0, name = "", tags = [] }) => ({
            title: name,
            detail: tags.join(" "),
            href: `builders/${builderid}`,
        }));
    });
    const workers = kept(async () => {
        const { rows } = await api.get("workers", { field: ["workerid", "name"], order: "name" });
        return (rows as readonly WorkerPart[]).map(({ workerid = 0, name = "" }) => ({
            title: name,
            href: `workers/${workerid}`,
        }));
    });
    const changes = kept(async () => {
        const { rows } = await api.get("changes", {
            field: ["changeid", "author", "comments", "revision", "branch"],
            order: "-changeid",
            limit: MOST_CHANGES,
        });
        return rows;
    });
    const hasPage = ({ href }: { href: string }) =>
        resolve(router.views, router.base, new URL(href, router.base)) !== undefined;
    return [
        { name: "Builders", entries: async () => (await builders()).filter(hasPage) },
        {
            name: "Builds",
            exact: true,
            entries: async (typed) => buildsOf(typed, typed ? await builders() : []).filter(hasPage),
        },
        {
            name: "Tests",
            exact: true,
            entries: async (typed) => (hasTests(typed) ? testsOf(typed, await builders()).filter(hasPage) : []),
        },
        { name: "Workers", entries: async () => (await workers()).filter(hasPage) },
        {
            name: "Changes",
            exact: true,
            entries: async (typed) => (typed.trim() ? changesOf(typed, await changes()).filter(hasPage) : []),
        },
    ];
}

/** The builds that `lin 7` or `lin#7` may mean: of each builder that is called about so the seventh, whether or not there is one. */
export function buildsOf(typed: string, builders: readonly { readonly title: string; readonly href: string }[]) {
    const [, name, number] = /^(.*?\S)(?:\s+|\s*#)(\d+)$/.exec(typed.trim()) ?? [];
    if (name === undefined || number === undefined) return [];
    return builders
        .filter(({ title }) => fuzzy(name, title))
        .map(({ title, href }) => ({ title: `${title} #${number}`, href: `${href}/builds/${number}` }));
}

/** The test results of the builders that `tests lin` or `lin tests` may mean. */
export function testsOf(typed: string, builders: readonly { readonly title: string; readonly href: string }[]) {
    const name = typed.split(/\s+/).filter((word) => !hasTests(word));
    return builders
        .filter(({ title }) => hasTests(typed) && fuzzy(name.join(" "), title))
        .map(({ title, href }) => ({ title: `Tests of ${title}`, href: `${href}/tests` }));
}

/** The changes of which all words are said: of what they are about and by whom as they stand, of the revision its beginning. */
export function changesOf(typed: string, changes: readonly ChangePart[]) {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    return changes.flatMap(({ changeid = 0, author = "", comments = "", revision, branch }) => {
        const said = `${comments}\n${author}\n${branch ?? ""}`.toLowerCase();
        const named = (revision ?? "").toLowerCase();
        if (!words.every((word) => said.includes(word) || named.startsWith(word))) return [];
        const detail = [shortRevision(revision ?? ""), branch, personOf(author)].filter(Boolean).join(" ");
        return { title: firstLine(comments) || `Change ${changeid}`, detail, href: `changes/${changeid}` };
    });
}

function hasTests(typed: string): boolean {
    return /(?<!\S)tests?(?!\S)/i.test(typed);
}

/** Asked for when it is wanted first, and again when it is old or could not be had. */
function kept<Value>(load: () => Promise<Value>): () => Promise<Value> {
    let last: { readonly at: number; readonly value: Promise<Value> } | undefined;
    return () => {
        if (last && Date.now() - last.at < GOOD) return last.value;
        const asked = { at: Date.now(), value: load() };
        asked.value.catch(() => {
            if (last === asked) last = undefined;
        });
        last = asked;
        return asked.value;
    };
}
