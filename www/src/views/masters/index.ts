import { defineView } from "../../widgets/views";

export default defineView({
    name: "masters",
    title: "Masters and schedulers",
    paths: ["masters", "schedulers"],
    nav: { text: "Masters and schedulers", order: 550 },
    load: () => import("./page"),
});
