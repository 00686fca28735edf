import { expect, test, vi } from "vitest";
import { LatePort } from "./late";

test("a port is made after the picture that follows the first message, and then says all in order", async () => {
    const { port1, port2 } = new MessageChannel();
    const heard: unknown[] = [];
    port1.addEventListener("message", ({ data }) => {
        heard.push(data);
        port1.postMessage(`heard ${String(data)}`);
    });
    port1.start();
    const steps: (() => void)[] = [];
    const make = vi.fn(() => port2);
    const later = (call: () => void) => void steps.push(call);
    const after = (_: number, call: () => void) => {
        later(call);
        return () => undefined;
    };
    const port = new LatePort(make, { now: () => 0, random: () => 0, frame: later, after });
    const answers: unknown[] = [];
    port.addEventListener("message", ({ data }) => answers.push(data));
    port.start();
    expect(steps).toHaveLength(0);
    port.postMessage("one");
    port.postMessage("two");
    steps.shift()?.();
    expect(make).not.toHaveBeenCalled();
    steps.shift()?.();
    expect(steps).toHaveLength(0);
    port.postMessage("three");
    await vi.waitFor(() => expect(answers).toEqual(["heard one", "heard two", "heard three"]));
    expect(heard).toEqual(["one", "two", "three"]);
    expect(make).toHaveBeenCalledTimes(1);
    port1.close();
});
