import { defineView } from "../../widgets/views";

export default defineView({
    name: "home",
    title: "Home",
    paths: [""],
    nav: { text: "Home", order: 100, key: "h" },
    load: () => import("./page"),
});
