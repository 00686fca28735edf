/** What a path leads to, by its words alone: `builders/3/builds` to a list of builds. */
import { WORDS, type TYPES } from "./generated";

export interface Lead {
    /** The plural of the type. */
    readonly type: keyof typeof TYPES;
    /** Whether it is a list, rather than one thing. */
    readonly many: boolean;
}

export function wordOf(word: string): Lead | undefined {
    if (!Object.hasOwn(WORDS, word)) return undefined;
    const { plural, many } = WORDS[word as keyof typeof WORDS];
    return { type: plural, many };
}

/** Undefined for what no path of the API looks like. */
export function leadOf(path: string): Lead | undefined {
    const segments = path.split("/");
    let lead: Lead | undefined;
    while (segments.length) {
        lead = wordOf(segments.shift() ?? "");
        if (!lead) return undefined;
        // A name may look like a word: what follows a word that leads to many is always a value.
        if (lead.many && segments.length) {
            segments.shift();
            lead = { type: lead.type, many: false };
        }
    }
    return lead;
}

/** What tells of everything that happens to what is at a path. */
export function topicOf(path: string, many: boolean): string {
    return many ? `${path}/*/*` : `${path}/*`;
}
