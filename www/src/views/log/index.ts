import { defineView } from "../../widgets/views";

export default defineView({
    name: "log",
    title: "Log",
    paths: ["builders/:builder/builds/:number/steps/:step/logs/:slug"],
    load: () => import("./page"),
});
