import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** A function that stays the same, and does what the newest one does. */
export function useSteady<Given extends unknown[], Gives>(
    does: (...given: Given) => Gives,
): (...given: Given) => Gives {
    const newest = useRef(does);
    useLayoutEffect(() => {
        newest.current = does;
    });
    return useState(
        () =>
            (...given: Given) =>
                newest.current(...given),
    )[0];
}

/** How wide an element is, in pixels. */
export function useWidth(element: RefObject<HTMLDivElement | null>): number {
    const [width, setWidth] = useState(() => document.documentElement.clientWidth);
    useLayoutEffect(() => {
        const { current } = element;
        if (!current) return undefined;
        setWidth(current.clientWidth);
        const observer = new ResizeObserver(() => setWidth(current.clientWidth));
        observer.observe(current);
        return () => observer.disconnect();
    }, [element]);
    return width;
}

/** Whether the first picture is on the screen. */
export function useSeen(): boolean {
    const [isSeen, setSeen] = useState(false);
    useEffect(() => {
        let timer: ReturnType<typeof setTimeout>;
        const frame = requestAnimationFrame(() => (timer = setTimeout(() => setSeen(true))));
        return () => {
            cancelAnimationFrame(frame);
            clearTimeout(timer);
        };
    }, []);
    return isSeen;
}
