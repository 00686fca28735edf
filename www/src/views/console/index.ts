import { defineView } from "../../widgets/views";

export default defineView({
    name: "console",
    title: "Console",
    paths: ["console"],
    nav: { text: "Console", order: 320, key: "o" },
    load: () => import("./page"),
});
