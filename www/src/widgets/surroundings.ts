/** What the shell shows of the world beyond the page: from the client, and so as live as the page. */
import { effect, signal, untracked, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { BuilderPart, Site, WorkerPart } from "../api/generated";
import type { Api } from "../api/http";
import { live } from "../api/live";
import type { Store } from "../api/store";
import { fuzzy } from "../base/fuzzy";
import { desertedSince } from "../base/masters";
import type { BuildEnds } from "../base/watches";
import { useLive, useOne } from "./live";
import { resolve, type Router } from "./router";
import type { Surroundings } from "./shell";
import type { Source } from "./sources";
import { startWatching } from "./watching";

export function surroundingsOf(store: Store, router: Router, window: Window & typeof globalThis): Surroundings {
    const site = signal<Site>();
    const deserted = signal<number>();
    function Beside() {
        const { sites, masters } = useLive(BESIDE);
        useSignalEffect(() => {
            const [row] = sites.rows.value;
            if (row) site.value = row;
        });
        useSignalEffect(() => {
            if (masters.state.value === "ready") deserted.value = desertedSince(masters.rows.value);
        });
        return null;
    }
    return {
        connection: store.status,
        site,
        sources: sourcesOf(store.api, router),
        watches: startWatching(window, buildEnds(store), router),
        Beside,
        Away,
        deserted,
    };
}

const BESIDE = {
    sites: live("site", {}, { topic: false }),
    masters: live("masters", { field: ["masterid", "active", "last_active"] }),
};

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
    const hasPage = ({ href }: { href: string }) =>
        resolve(router.views, router.base, new URL(href, router.base)) !== undefined;
    return [
        { name: "Builders", entries: async () => (await builders()).filter(hasPage) },
        {
            name: "Builds",
            exact: true,
            entries: async (typed) => buildsOf(typed, typed ? await builders() : []).filter(hasPage),
        },
        { name: "Workers", entries: async () => (await workers()).filter(hasPage) },
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
