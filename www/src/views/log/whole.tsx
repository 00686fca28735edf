/** All of a line that is too long to stand among others. */
import { counted } from "../../base/text";
import { useEffect, useState } from "preact/hooks";
import type { LogText } from "../../api/text";
import { Dialog } from "../../widgets/dialog";
import { Skeleton } from "../../widgets/problem";
import { TerminalLine } from "../../widgets/terminal";

/** Characters that are shown at once, of what may be megabytes. */
const AT_ONCE = 100_000;

export function WholeLine({
    text,
    number,
    raw,
    close,
}: {
    text: LogText;
    number: number;
    raw: string;
    close: () => void;
}) {
    const [line, setLine] = useState<string>();
    const [failed, setFailed] = useState(false);
    const [shown, setShown] = useState(AT_ONCE);
    useEffect(() => {
        const controller = new AbortController();
        text.whole(number, controller.signal).then(setLine, () => {
            if (!controller.signal.aborted) setFailed(true);
        });
        return () => controller.abort();
    }, [text, number]);
    return (
        <Dialog label={`Line ${number + 1}`} close={close} class="log-whole">
            <h2>Line {number + 1}</h2>
            {failed ? (
                <p>
                    The server does not send so much at once: <a href={raw}>the whole log</a> has it.
                </p>
            ) : line === undefined ? (
                <Skeleton lines={6} />
            ) : (
                <>
                    <pre dir="ltr" tabIndex={0} aria-label={`All of line ${number + 1}`}>
                        <TerminalLine text={line.slice(0, shown)} />
                    </pre>
                    {shown < line.length && (
                        <button type="button" class="button" onClick={() => setShown(shown + AT_ONCE)}>
                            {counted(line.length - shown, "character")} more
                        </button>
                    )}
                </>
            )}
            <button type="button" class="button" onClick={close}>
                Close
            </button>
        </Dialog>
    );
}
