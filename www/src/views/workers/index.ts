import { defineView } from "../../widgets/views";

export default defineView({
    name: "workers",
    title: "Workers",
    paths: ["workers", "workers/:worker"],
    nav: { text: "Workers", order: 540, key: "k" },
    load: () => import("./page"),
});
