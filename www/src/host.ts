/**
 * What a view of another project is handed: it has no way to import what the pages are built of, and must share it,
 * because two copies of Preact know nothing of each other. What stands here stays; README.rst has an example.
 */
export * as preact from "preact";
export * as hooks from "preact/hooks";
export * as signals from "@preact/signals";
export { live } from "./api/live";
export { statusOf } from "./base/results";
export { Empty, Problem, Skeleton } from "./widgets/problem";
export { useLive, useOne } from "./widgets/live";
export { PageHead } from "./widgets/head";
export { Badge, ResultMark, ResultStrip } from "./widgets/marks";
export { useRouter } from "./widgets/router";
export { StockLink } from "./widgets/site";
export { Age, Clock, Duration } from "./widgets/times";
export { defineView } from "./widgets/views";
