import { defineView } from "../../widgets/views";

export default defineView({
    name: "tgrid",
    title: "Transposed grid",
    paths: ["tgrid"],
    nav: { text: "Transposed grid", order: 510, key: "t" },
    load: () => import("./page"),
});
