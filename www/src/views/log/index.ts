import { defineView } from "../../widgets/views";

export default defineView({
    name: "log",
    title: "Log",
    paths: ["builders/:builder/builds/:number/steps/:step/logs/:slug"],
    within: "builders",
    load: () => import("./page"),
});
