import { defineView } from "../../widgets/views";

export default defineView({
    name: "build",
    title: "Build",
    paths: ["builders/:builder/builds/:number"],
    within: "builders",
    load: () => import("./page"),
});
