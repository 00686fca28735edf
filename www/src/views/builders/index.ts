import { defineView } from "../../widgets/views";

export default defineView({
    name: "builders",
    title: "Builders",
    paths: ["builders"],
    nav: { text: "Builders", order: 150, key: "b" },
    load: () => import("./page"),
});
