import { defineView } from "../../widgets/views";

export default defineView({
    name: "about",
    title: "About",
    paths: ["about"],
    nav: { text: "About", order: 900 },
    load: () => import("./page"),
});
