import { defineView } from "../../widgets/views";

export default defineView({
    name: "grid",
    title: "Grid",
    paths: ["grid"],
    nav: { text: "Grid", order: 300, key: "g" },
    load: () => import("./page"),
});
