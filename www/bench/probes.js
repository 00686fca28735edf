/**
 * What the benchmark of the pages sees in a browser, of any pages: put into each document before its own scripts run.
 *
 * A frame counts as painted when a message that was posted in it arrives, which is after its layout and paint.
 */
{
    /** @type {((now: number) => void)[]} */
    let waiting = [];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
        const called = waiting;
        waiting = [];
        const now = performance.now();
        for (const each of called) each(now);
    };

    /** @param {(now: number) => void} callback called once the next frame is painted */
    const afterPaint = (callback) => {
        requestAnimationFrame(() => {
            waiting.push(callback);
            port2.postMessage(null);
        });
    };

    /** @param {Element} element @param {string} name */
    const attribute = (element, name) => element.getAttribute(name) ?? "";

    /** What an element says: where it leads, in which looks, with which words. @param {Element} element */
    const words = (element) => {
        const link = element.closest("a");
        const leads = link ? attribute(link, "href") || attribute(link, "xlink:href") : "";
        const looks = element.parentElement ? attribute(element.parentElement, "class") : "";
        return [leads, looks, attribute(element, "class"), element.textContent.trim()]
            .join(" ")
            .replaceAll(/\s+/g, " ");
    };

    /** Those elements of which some part is in the window, each in words. @param {string} selector */
    const seen = (selector) => {
        const found = [];
        for (const element of document.querySelectorAll(selector)) {
            const { top, bottom, left, right } = element.getBoundingClientRect();
            const has = bottom > top && right > left;
            if (has && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth) found.push(words(element));
        }
        return found;
    };

    /** The same with the sizes of what they are in, which a zoom changes. @param {string} selector */
    const shapes = (selector) => {
        const heights = [...document.querySelectorAll(selector)].map(
            (element) => element.parentElement?.clientHeight ?? 0,
        );
        return [...seen(selector), ...heights].join("\n");
    };

    /**
     * When what is to be seen there became what it is for `quiet` ms from then on, in ms since the beginning of the
     * navigation; null if that is not so after `patience` ms, and `missing` if a heading says that there is no such page.
     * @param {{selector: string, quiet: number, patience: number, missing: string}} wanted
     * @returns {Promise<{at: number, count: number} | {missing: true} | null>}
     */
    const settled = ({ selector, quiet, patience, missing }) =>
        new Promise((resolve) => {
            let [last, at, count] = ["", NaN, 0];
            /** @param {number} now */
            const look = (now) => {
                const found = seen(selector);
                const said = found.join("\n");
                if (said !== last) [last, at, count] = [said, now, found.length];
                if (last !== "" && now - at >= quiet) resolve({ at, count });
                else if (document.querySelector("main > h1")?.textContent === missing) resolve({ missing: true });
                else if (now > patience) resolve(null);
                else afterPaint(look);
            };
            afterPaint(look);
        });

    /**
     * From the next input to the first frame in which something else is to be seen there, in ms; null if none comes.
     * @param {{selector: string, input: string, patience: number}} wanted
     * @returns {Promise<number | null>}
     */
    const answered = ({ selector, input, patience }) =>
        new Promise((resolve) => {
            const before = shapes(selector);
            /** @param {Event} event */
            const begin = (event) => {
                const from = event.timeStamp;
                /** @param {number} now */
                const look = (now) => {
                    if (shapes(selector) !== before) resolve(now - from);
                    else if (now - from > patience) resolve(null);
                    else afterPaint(look);
                };
                afterPaint(look);
            };
            addEventListener(input, begin, { capture: true, once: true });
        });

    /** Each change of an element with `data-build`: its id, its looks, and when that was painted, since the epoch. */
    /** @type {[string, string, number][]} */
    const changes = [];

    /** Write down the changes of builds from now on. @param {string} selector */
    const follow = (selector) => {
        /** @type {Map<string, string>} */
        const known = new Map();
        /** @param {number} now */
        const look = (now) => {
            for (const element of document.querySelectorAll(selector)) {
                const id = attribute(element, "data-build");
                const looks = element.parentElement ? attribute(element.parentElement, "class") : "";
                if (known.get(id) === looks) continue;
                known.set(id, looks);
                changes.push([id, looks, performance.timeOrigin + now]);
            }
            afterPaint(look);
        };
        afterPaint(look);
    };

    /** When each frame began, from now on. @type {number[]} */
    const frames = [];

    const countFrames = () => {
        /** @param {number} now */
        const count = (now) => {
            frames.push(now);
            requestAnimationFrame(count);
        };
        requestAnimationFrame(count);
    };

    const nodes = () => document.getElementsByTagName("*").length;

    Object.assign(globalThis, { bench: { seen, settled, answered, follow, changes, countFrames, frames, nodes } });
}
