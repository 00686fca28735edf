import { defineView } from "../../widgets/views";

export default defineView({
    name: "changes",
    title: "Changes",
    paths: ["changes", "changes/:change"],
    nav: { text: "Changes", order: 530, key: "c" },
    load: () => import("./page"),
});
