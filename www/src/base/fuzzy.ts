/** Finding a name by some of its letters. */

export interface Match {
    /** The more, the better; of two texts of the same the shorter one is nearer to what was typed. */
    readonly score: number;
    /** Where the letters are, ascending. */
    readonly at: readonly number[];
}

/**
 * How well a text has what was typed: each of its words, in any order, as it stands or by letters in between which others
 * are. Case means nothing. Nothing typed matches all. Undefined if it does not match.
 */
export function fuzzy(typed: string, text: string): Match | undefined {
    const lower = text.toLowerCase();
    // Letters whose small form has another length: their places would not be those of the text.
    const searched = lower.length === text.length ? lower : text;
    let score = 0;
    const at = new Set<number>();
    for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
        const found = whole(word, searched) ?? scattered(word, searched);
        if (!found) return undefined;
        score += found.score;
        found.at.forEach((place) => at.add(place));
    }
    return { score, at: [...at].sort((a, b) => a - b) };
}

function whole(word: string, text: string): Match | undefined {
    let best: Match | undefined;
    for (let from = text.indexOf(word); from >= 0; from = text.indexOf(word, from + 1)) {
        const score =
            100 + (from === 0 ? 40 : begins(text, from) ? 30 : 0) + (from + word.length === text.length ? 5 : 0);
        if (!best || score > best.score) best = { score, at: Array.from(word, (_, index) => from + index) };
    }
    return best;
}

/** The letters in their order, at the beginnings of words where they can be, from that first one that serves best. */
function scattered(word: string, text: string): Match | undefined {
    let best: Match | undefined;
    for (let from = text.indexOf(word.charAt(0)); from >= 0; from = text.indexOf(word.charAt(0), from + 1)) {
        const at = [from];
        for (let letter = 1; letter < word.length; letter++) {
            const place = next(word.slice(letter), text, Number(at.at(-1)) + 1);
            if (place < 0) return best;
            at.push(place);
        }
        const starts = at.filter((index) => begins(text, index)).length;
        const score = 50 + 8 * starts - (Number(at.at(-1)) - from + 1 - word.length);
        // A few letters far apart in a long text are no match.
        if (score > 30 && (!best || score > best.score)) best = { score, at };
    }
    return best;
}

/** Where to take the first of the letters: not so late that the others find no place. */
function next(letters: string, text: string, from: number): number {
    const letter = letters.charAt(0);
    for (let place = text.indexOf(letter, from); place >= 0; place = text.indexOf(letter, place + 1)) {
        if (begins(text, place) && follow(letters.slice(1), text, place + 1)) return place;
    }
    return text.indexOf(letter, from);
}

function follow(letters: string, text: string, from: number): boolean {
    let place = from - 1;
    return Array.from(letters).every((letter) => (place = text.indexOf(letter, place + 1)) >= 0);
}

function begins(text: string, at: number): boolean {
    return at === 0 || /[^\p{L}\p{N}]/u.test(text.charAt(at - 1));
}
