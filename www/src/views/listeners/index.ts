import { defineView } from "../../widgets/views";

export default defineView({
    name: "listeners",
    title: "Listeners",
    paths: ["listeners"],
    nav: { text: "Listeners", order: 560 },
    load: () => import("./page"),
});
