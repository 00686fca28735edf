const CODE = /<(script|style|template)\b.*?(?:<[/]\1\s*>|$)|<!--.*?(?:-->|$)/gis;
const INLINE =
    /<[/]?(?:a|abbr|b|bdi|big|cite|code|em|font|i|img|kbd|mark|s|samp|small|span|strong|sub|sup|td|th|tt|u|var)\b[^<>]*>/gi;
const OTHERS = /<[a-z/!?][^<>]*>/gi;
const CELL = /<[/]t[dh]\b/gi;

/** The words of HTML, or of a part of some, line by line; elements that are not within a line end it. */
export function wordsOf(html: string): string[] {
    const bare = html
        .replace(CODE, "")
        .replace(CELL, " $&")
        .replace(INLINE, "")
        .replace(OTHERS, "\n")
        .replaceAll("<", "&lt;");
    // Without any markup it is only characters that are written by their names: no policy of the page has a word to say.
    const { textContent } = new DOMParser().parseFromString(bare, "text/html").documentElement;
    return textContent
        .split("\n")
        .map((line) => line.replace(/\s+/g, " ").trim())
        .filter(Boolean);
}
