import { defineView } from "../../widgets/views";

export default defineView({
    name: "builder",
    title: "Builder",
    paths: ["builders/:builder"],
    within: "builders",
    load: () => import("./page"),
});
