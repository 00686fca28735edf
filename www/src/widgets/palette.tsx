import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "./dialog";
import { ResultMark } from "./marks";
import { useRouter } from "./router";
import { ask, type Found, type Source } from "./sources";
import "./palette.css";

/** Jump to anything: what is typed is looked for in all sources, and the arrows choose among what was found. */
export function Palette({ sources, close }: { sources: readonly Source[]; close: () => void }) {
    const router = useRouter();
    const id = useId();
    const list = useRef<HTMLUListElement>(null);
    const [typed, setTyped] = useState("");
    const [chosen, setChosen] = useState(0);
    const [{ found, silent, asking }, setAnswer] = useState<Answer>({ found: [], silent: [], asking: true });

    useEffect(() => {
        const superseded = new AbortController();
        const { signal } = superseded;
        // What was found for less stays until there is something for more.
        setAnswer((before) => ({ ...before, asking: true }));
        void ask(sources, typed, signal, (found, silent) => setAnswer({ found, silent, asking: true })).then(() => {
            if (!signal.aborted) setAnswer((last) => ({ ...last, asking: false }));
        });
        return () => superseded.abort();
    }, [sources, typed]);
    useLayoutEffect(() => {
        list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
    }, [chosen]);

    function choose(entry: Found | undefined, beside: boolean) {
        if (!entry) return;
        close();
        if (entry.href === undefined) entry.run?.();
        else if (beside) window.open(new URL(entry.href, router.base));
        else router.navigate(entry.href);
    }

    function press(event: KeyboardEvent) {
        const last = found.length - 1;
        if (event.key === "ArrowDown") setChosen(chosen < last ? chosen + 1 : 0);
        else if (event.key === "ArrowUp") setChosen(chosen > 0 ? chosen - 1 : Math.max(0, last));
        else if (event.key === "Enter") choose(found[chosen], event.ctrlKey || event.metaKey);
        else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) close();
        else return;
        event.preventDefault();
    }

    return (
        <Dialog label="Jump to anything" class="palette" close={close}>
            <input
                autofocus
                role="combobox"
                aria-label="Jump to"
                aria-expanded={found.length > 0}
                aria-controls={`${id}list`}
                aria-activedescendant={found[chosen] && `${id}${chosen}`}
                aria-autocomplete="list"
                autocomplete="off"
                spellcheck={false}
                placeholder="Jump to a page, a builder, a build, a change…"
                value={typed}
                onInput={(event) => {
                    setTyped(event.currentTarget.value);
                    setChosen(0);
                }}
                onKeyDown={press}
            />
            <ul ref={list} id={`${id}list`} role="listbox" aria-label="Found">
                {found.map((entry, index) => (
                    <li
                        key={`${entry.source} ${entry.title} ${entry.href ?? ""}`}
                        id={`${id}${index}`}
                        role="option"
                        aria-selected={index === chosen}
                        onPointerMove={() => setChosen(index)}
                        onClick={(event) => choose(entry, event.ctrlKey || event.metaKey)}
                    >
                        {entry.status && <ResultMark status={entry.status} />}
                        <span class="title">{marked(entry.title, entry.at)}</span>
                        <span class="detail">{entry.detail}</span>
                        <span class="source">{entry.source}</span>
                    </li>
                ))}
            </ul>
            <p class="state" role="status">
                {silent.length > 0 && `Could not be asked: ${silent.join(", ")}. `}
                {found.length === 0 && (asking ? "Looking…" : "Nothing is called so.")}
            </p>
        </Dialog>
    );
}

interface Answer {
    readonly found: readonly Found[];
    readonly silent: readonly string[];
    readonly asking: boolean;
}

/** The title with the letters that were typed marked. */
function marked(title: string, at: readonly number[]) {
    const hit = new Set(at);
    const runs = Array.from({ length: title.length }, (_, place) => place).reduce<[boolean, string][]>(
        (runs, place) => {
            const last = runs.at(-1);
            if (last?.[0] === hit.has(place)) last[1] += title.charAt(place);
            else runs.push([hit.has(place), title.charAt(place)]);
            return runs;
        },
        [],
    );
    return runs.map(([typed, text], index) => (typed ? <b key={index}>{text}</b> : text));
}
