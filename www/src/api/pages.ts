/** Lines by number, in pages, of which those are kept that were used last. */
import type { Line } from "../base/loglines";

const SIZE = 200;
/** Pages, and characters in them, that are kept. */
const MOST_PAGES = 250;
const MOST_CHARACTERS = 16_000_000;

interface Page {
    readonly lines: (Line | undefined)[];
    characters: number;
}

export class Pages {
    /** The one that was used last stands at the end. */
    readonly #pages = new Map<number, Page>();
    #characters = 0;

    get size(): number {
        return this.#pages.size;
    }

    get(number: number): Line | undefined {
        return this.#pages.get(Math.floor(number / SIZE))?.lines[number % SIZE];
    }

    put(first: number, lines: readonly Line[]): void {
        for (const [index, line] of lines.entries()) {
            const number = first + index;
            const page = this.#use(Math.floor(number / SIZE));
            const added = line.text.length - (page.lines[number % SIZE]?.text.length ?? 0);
            page.lines[number % SIZE] = line;
            page.characters += added;
            this.#characters += added;
        }
        this.#drop();
    }

    /** The numbers of lines that meet a condition, in order. */
    find(meets: (line: Line) => boolean): number[] {
        const found: number[] = [];
        for (const [page, { lines }] of this.#pages) {
            lines.forEach((line, at) => line && meets(line) && found.push(page * SIZE + at));
        }
        return found.sort((a, b) => a - b);
    }

    /** The first stretch of lines from `first` to `last` that are not there, of at most so many; undefined if all are. */
    missing(first: number, last: number, most: number): { first: number; last: number } | undefined {
        for (let page = Math.floor(first / SIZE); page * SIZE <= last; page++)
            if (this.#pages.has(page)) this.#use(page);
        let from = first;
        while (from <= last && this.get(from)) from += 1;
        if (from > last) return undefined;
        let to = from;
        while (to < last && to - from + 1 < most && !this.get(to + 1)) to += 1;
        return { first: from, last: to };
    }

    #use(number: number): Page {
        const page = this.#pages.get(number) ?? { lines: [], characters: 0 };
        this.#pages.delete(number);
        this.#pages.set(number, page);
        return page;
    }

    #drop(): void {
        for (const [number, page] of this.#pages) {
            const fits = this.#pages.size <= MOST_PAGES && this.#characters <= MOST_CHARACTERS;
            if (fits || this.#pages.size === 1) return;
            this.#pages.delete(number);
            this.#characters -= page.characters;
        }
    }
}
