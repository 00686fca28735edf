/** A worker that all pages of a browser share. Its name is the address of the WebSocket. */
import { Connection } from "./connection";
import { serve } from "./ports";
import { scheduler } from "./scheduler";

const connection = new Connection(() => new WebSocket(self.name), scheduler);

addEventListener("connect", (event) => {
    const [port] = (event as MessageEvent).ports;
    if (port) serve(port, connection);
});
