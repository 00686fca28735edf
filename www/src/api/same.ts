/** Values as JSON has them. */

/** `now`, or `before` if they are alike, so that whoever compares by identity sees that nothing has changed. */
export function merged<Value extends object>(before: Value | undefined, now: Value): Value {
    return before !== undefined && same(before, now) ? before : now;
}

export function same(a: unknown, b: unknown): boolean {
    if (a === b) return true;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    const [left, right] = [a, b] as Record<string, unknown>[] as [Record<string, unknown>, Record<string, unknown>];
    const names = Object.keys(left);
    return (
        names.length === Object.keys(right).length &&
        names.every((name) => name in right && same(left[name], right[name]))
    );
}
