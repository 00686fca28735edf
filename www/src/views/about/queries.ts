/** What the page about the server asks for. */
import { live } from "../../api/live";

export const QUERIES = {
    // Asked for anew now and then for the place in the stream of events that comes with it.
    sites: live("site", {}, { topic: false, every: 5 }),
    masters: live("masters", { field: ["masterid", "name", "active", "last_active"], order: "name" }),
};
