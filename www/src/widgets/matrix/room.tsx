/** How much room a matrix has. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Its content is told how wide it is, in pixels, and again when that changes. */
export function Room({ children }: { children: (width: number) => ComponentChildren }) {
    const element = useRef<HTMLDivElement>(null);
    const [width, setWidth] = useState(innerWidth);
    useLayoutEffect(() => {
        const { current } = element;
        if (!current) return undefined;
        const measure = () => setWidth(current.clientWidth);
        measure();
        const observer = new ResizeObserver(measure);
        observer.observe(current);
        return () => observer.disconnect();
    }, []);
    return (
        <div class="matrix-room" ref={element}>
            {children(width)}
        </div>
    );
}
