import { defineView } from "../../widgets/views";

export default defineView({
    name: "request",
    title: "Request",
    paths: ["buildrequests/:request"],
    within: "pending",
    load: () => import("./page"),
});
