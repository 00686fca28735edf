// Elements of a page, made from plain values: what comes from a document or a server is text, never markup.

/** An element with attributes (functions are listeners) and children (texts, elements, lists; nothing is left out). */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== ""));
  return element;
}

/** Running text, in which ``words`` and `words` are code. */
export function prose(text) {
  return (text ?? "").split(/(``[^`]+``|`[^`]+`)/).map((part) => (part.startsWith("`") ? h("code", {}, part.replaceAll("`", "")) : part));
}

/** A path, with its variables marked, and places where it may be broken. */
export function pathOf(path) {
  return path.split("/").slice(1).map((element) => [
    h("wbr"), h("span", { class: "slash" }, "/"),
    element.startsWith("{") ? h("var", {}, element.slice(1, -1).replaceAll("_or_", "|")) : element,
  ]);
}

let counted = 0;

/** A label and the input that it is for. */
export function labelled(text, input, ...more) {
  input.id ||= `input-${(counted += 1)}`;
  return h("div", { class: "input" }, h("label", { for: input.id }, text), input, ...more);
}

/** JSON with its kinds marked. */
export function json(text) {
  const pattern = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const kind = match[2] !== undefined ? "key" : match[1] ? "string" : match[3] ? "word" : "number";
    const token = match[2] !== undefined ? match[1] : match[0];
    parts.push(text.slice(at, match.index), h("span", { class: kind }, token));
    at = match.index + token.length;
  }
  parts.push(text.slice(at));
  return parts;
}
