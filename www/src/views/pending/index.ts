import { defineView } from "../../widgets/views";

export default defineView({
    name: "pending",
    title: "Pending",
    paths: ["pending"],
    nav: { text: "Pending", order: 520, key: "p" },
    load: () => import("./page"),
});
