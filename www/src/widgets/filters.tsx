/** What a page shows of what there is: chosen in a bar, kept in the address. */
import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import { someOf } from "../base/queryState";
import type { Status } from "../base/results";
import { useShortcut } from "./keyboard";
import { ResultMark } from "./marks";
import { Menu } from "./menu";
import "./filters.css";

export interface Filter {
    readonly text: string;
    readonly tag: readonly string[];
    readonly branch: string;
    readonly results: readonly Status[];
}

/** Nothing chosen: all is shown. */
export const ALL: Filter = { text: "", tag: [], branch: "", results: [] };

const RESULTS: readonly Status[] = [
    "failure",
    "exception",
    "warnings",
    "success",
    "running",
    "pending",
    "retry",
    "cancelled",
    "skipped",
];

/** The filter in the page's address, of which a page takes what it has use for. */
export const FILTER = { text: "", tag: [], branch: "", results: someOf(...RESULTS) } as const;

/** Those parts of a filter that the page has use for: `tags` and `branches` are what there is to choose from. */
export function FilterBar({
    filter: given,
    set,
    tags,
    branches,
    results = false,
    placeholder = "Filter by name",
    children,
}: {
    filter: Partial<Filter>;
    set: (changed: Partial<Filter>) => void;
    tags?: readonly string[];
    branches?: readonly string[];
    results?: boolean;
    placeholder?: string;
    /** How many that are, for example. */
    children?: ComponentChildren;
}) {
    const filter = { ...ALL, ...given };
    const id = useId();
    const text = useRef<HTMLInputElement>(null);
    useShortcut("/", placeholder, () => text.current?.focus());
    const chosen = filter.text !== "" || filter.branch !== "" || filter.tag.length > 0 || filter.results.length > 0;
    return (
        <search class="filters">
            <input
                ref={text}
                type="search"
                aria-label={placeholder}
                placeholder={placeholder}
                value={filter.text}
                onInput={(event) => set({ text: event.currentTarget.value })}
                onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
            />
            {tags && tags.length > 0 && (
                <Choices name="Tags" all={tags} chosen={filter.tag} choose={(tag) => set({ tag })} />
            )}
            {results && (
                <Choices
                    name="Results"
                    all={RESULTS}
                    chosen={filter.results}
                    choose={(results) => set({ results })}
                    mark={(status) => <ResultMark status={status} word={null} />}
                />
            )}
            {branches && (
                <>
                    <input
                        class="branch"
                        aria-label="Branch"
                        placeholder="Branch"
                        list={`${id}branches`}
                        value={filter.branch}
                        onInput={(event) => set({ branch: event.currentTarget.value })}
                    />
                    <datalist id={`${id}branches`}>
                        {branches.map((branch) => (
                            <option key={branch} value={branch} />
                        ))}
                    </datalist>
                </>
            )}
            {/* Its room stays, so that nothing jumps while somebody types. */}
            <button type="button" class={`button bare${chosen ? "" : " unneeded"}`} onClick={() => set(ALL)}>
                Show all
            </button>
            <span class="quiet small" role="status">
                {children}
            </span>
        </search>
    );
}

function Choices<Choice extends string>({
    name,
    all,
    chosen,
    choose,
    mark,
}: {
    name: string;
    all: readonly Choice[];
    chosen: readonly Choice[];
    choose: (chosen: readonly Choice[]) => void;
    mark?: (choice: Choice) => ComponentChildren;
}) {
    const label = chosen.length === 0 ? name : `${name}: ${chosen.length > 2 ? chosen.length : chosen.join(", ")}`;
    return (
        <Menu label={label} class={chosen.length > 0 ? "chosen" : ""}>
            <div role="group" aria-label={name}>
                {all.map((choice) => (
                    <label key={choice}>
                        <input
                            type="checkbox"
                            checked={chosen.includes(choice)}
                            onChange={(event) => {
                                const others = chosen.filter((other) => other !== choice);
                                choose(event.currentTarget.checked ? [...others, choice] : others);
                            }}
                        />
                        {mark?.(choice)}
                        {choice}
                    </label>
                ))}
            </div>
        </Menu>
    );
}
