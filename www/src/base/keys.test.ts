import { describe, expect, test } from "vitest";
import { Keyboard } from "./keys";

function setUp(...all: string[]) {
    const keyboard = new Keyboard();
    const done: string[] = [];
    let time = 0;
    const add = (keys: string, text = keys) => keyboard.register({ keys, text, run: () => done.push(text) });
    all.forEach((keys) => add(keys));
    const press = (
        key: string,
        more: { ctrlKey?: boolean; altKey?: boolean; writing?: boolean; after?: number } = {},
    ) => {
        const { writing = false, after = 100, ...modifiers } = more;
        const timeStamp = (time += after);
        const event = {
            key,
            ctrlKey: false,
            metaKey: false,
            altKey: false,
            isComposing: false,
            timeStamp,
            ...modifiers,
        };
        return keyboard.press(event, writing);
    };
    return { keyboard, add, press, done };
}

describe("Keyboard", () => {
    test("does what a key stands for, and says whether it did", () => {
        const { press, done } = setUp("?", "Mod+k");
        expect([press("?"), press("k"), press("k", { ctrlKey: true })]).toEqual([true, false, true]);
        expect(done).toEqual(["?", "Mod+k"]);
    });

    test("takes keys one after the other, if they come soon", () => {
        const { press, done } = setUp("g h", "g b");
        for (const key of ["g", "b", "h", "g", "x", "h", "g", "g", "h"]) press(key);
        expect(done).toEqual(["g b", "g h"]);
        press("g");
        press("h", { after: 5000 });
        expect(done).toHaveLength(2);
    });

    test("lets people write", () => {
        const { press, done } = setUp("?", "Mod+k");
        press("?", { writing: true });
        press("k", { writing: true, ctrlKey: true });
        press("?", { altKey: true });
        expect(done).toEqual(["Mod+k"]);
    });

    test("prefers what came last, until it goes", () => {
        const { keyboard, add, press, done } = setUp("/");
        const end = add("/", "filter");
        press("/");
        end();
        press("/");
        expect(done).toEqual(["filter", "/"]);
        expect(keyboard.shortcuts.value.map(({ text }) => text)).toEqual(["/"]);
    });
});
