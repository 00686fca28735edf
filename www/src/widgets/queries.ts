/** What several pages ask for alike; who goes from one of them to another asks once. */
import { live } from "../api/live";

/** All that is drawn of builders. */
export const BUILDERS = live("builders", { order: "name", field: ["builderid", "name", "tags", "masterids"] });

/** Those that no connected worker could build, which no event of theirs tells. */
export const OFFLINE = live(
    "builders",
    { state: "offline", field: "builderid" },
    { topic: false, again: "workers/*/*" },
);

/** Which run: what a master was at when it died is over. */
export const MASTERS = live("masters", { field: ["masterid", "active"] });
