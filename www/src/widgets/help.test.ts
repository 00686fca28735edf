import { isValidElement, toChildArray, type VNode } from "preact";
import { afterEach, expect, it, vi } from "vitest";
import { Keys } from "./help";

afterEach(() => vi.unstubAllGlobals());

it.each([
    ["Mod+k", ["Ctrl", "K"]],
    ["g h", ["g", "h"]],
    ["+", ["+"]],
])("shows each key of %s", (keys, shown) => {
    vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64)" });
    const { props } = Keys({ keys }) as VNode;
    const caps = toChildArray(props.children).filter(isValidElement);
    expect(caps.map((cap) => cap.props.children)).toEqual(shown);
});
