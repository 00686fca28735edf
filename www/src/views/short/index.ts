import { defineView } from "../../widgets/views";

export default defineView({
    name: "short",
    title: "",
    paths: [
        "builders/:builder/builds",
        "builders/:builder/builds/:number/steps/:step",
        "builders/:builder/builds/:number/steps/:step/logs",
    ],
    within: "builders",
    load: () => import("./page"),
});
