import "./ends.css";

/**
 * What is at both ends of a chart of bars, under it: `--all` is how wide they are. Where that is less than the words take, they stand
 * beside each other; where both are the same, it is said once.
 */
export function Ends({ from, to }: { from: string; to: string }) {
    return (
        <div class="from-to quiet small" aria-hidden="true">
            <span>{from}</span>
            {from !== to && <span>{to}</span>}
        </div>
    );
}
