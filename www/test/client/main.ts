/** A page that keeps two lists, for the tests to look at. */
import { effect } from "@preact/signals-core";
import { live } from "../../src/api/live";
import { openStore } from "../../src/api/open";

const store = openStore(new URL(document.baseURI));
const queries = [live("builds", { order: "-buildid", limit: 20 }), live("builds", { complete: false })] as const;
for (const query of queries) store.hold(query);
const lists = queries.map((query) => store.want(query));
effect(() => {
    document.body.dataset["rows"] = JSON.stringify(lists.map(({ rows }) => rows.value));
    document.body.dataset["state"] = store.status.value.state;
});
