import { defineView } from "../../widgets/views";

export default defineView({
    name: "waterfall",
    title: "Waterfall",
    paths: ["waterfall"],
    nav: { text: "Waterfall", order: 200, key: "w" },
    load: () => import("./page"),
});
