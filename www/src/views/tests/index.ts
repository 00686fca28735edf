import { defineView } from "../../widgets/views";

export default defineView({
    name: "tests",
    title: "Tests",
    paths: ["builders/:builder/tests", "builders/:builder/builds/:number/tests"],
    within: "builders",
    load: () => import("./page"),
});
