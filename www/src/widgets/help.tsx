import { Dialog } from "./dialog";
import { useKeyboard } from "./keyboard";
import "./help.css";

/** All shortcuts that work on the page. */
export function Help({ close }: { close: () => void }) {
    const shortcuts = useKeyboard().shortcuts.value;
    // Of those with the same keys only the last works.
    const working = new Map(shortcuts.map((shortcut) => [shortcut.keys, shortcut]));
    return (
        <Dialog label="Keyboard shortcuts" class="help" close={close}>
            <h2>Keyboard shortcuts</h2>
            <dl>
                {[...working.values()].map(({ keys, text }) => (
                    <div key={keys}>
                        <dt>
                            <Keys keys={keys} />
                        </dt>
                        <dd>{text}</dd>
                    </div>
                ))}
            </dl>
            <button type="button" class="button" onClick={close}>
                Close
            </button>
        </Dialog>
    );
}

/** Keys as they are called on this machine. */
export function Keys({ keys }: { keys: string }) {
    const mod = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";
    return (
        <>
            {keys.split(/ |(?<=.)[+]/).map((key, index) => (
                <kbd key={index}>{key === "Mod" ? mod : keys.includes("+") ? key.toUpperCase() : key}</kbd>
            ))}
        </>
    );
}
