/** What reaches the browser, and under which terms: in the words of those who made it. */
import signalsCore from "../../../node_modules/@preact/signals-core/LICENSE?raw";
import signals from "../../../node_modules/@preact/signals/LICENSE?raw";
import preact from "../../../node_modules/preact/LICENSE?raw";
import own from "../../../LICENSE?raw";

export const LICENCES = [
    { name: "These pages", text: own },
    { name: "preact", text: preact },
    { name: "@preact/signals", text: signals },
    { name: "@preact/signals-core", text: signalsCore },
];
