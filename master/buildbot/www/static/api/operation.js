// One operation: a line that opens to what it is, a form, and what came back.

import { h, json, pathOf, prose } from "./elements.js";
import { Form } from "./form.js";
import { address, make, spellings } from "./call.js";

const SHOWN_HEADERS = ["ETag", "Cache-Control", "Link", "Deprecation", "Sunset", "X-Request-Id"];

/** The line of an operation; what is in it is made when it is opened first. */
export function operationView(operation) {
  const details = h("details", { class: "operation", id: operation.operationId },
    h("summary", {},
      h("span", { class: `method ${operation.method}` }, operation.method.toUpperCase()),
      h("code", { class: "path" }, pathOf(operation.path)),
      h("span", { class: "about" }, operation.summary),
      chip(operation)));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside(operation));
  });
  return details;
}

/** What is not promised, or will go. */
export function chip(part) {
  if (part.deprecated) return h("span", { class: "chip going" }, `until ${part["x-sunset"] ?? "?"}`);
  return part["x-stability"] === "provisional" ? h("span", { class: "chip" }, "provisional") : "";
}

function inside(operation) {
  const answer = h("div", { class: "answer", role: "status" });
  const spelt = h("div", {});
  const form = new Form(operation, () => spelling(spelt, form.call));
  let running;
  const send = async (call) => {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    answer.replaceChildren(h("p", { class: "quiet" }, "Asking …"));
    try {
      const found = await make(call, signal);
      answer.replaceChildren(...answered(found, call, send));
    } catch (error) {
      if (!signal.aborted) answer.replaceChildren(h("p", { class: "wrong" }, `The server cannot be reached: ${error.message}`));
    }
  };
  form.element.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form.call);
  });
  spelling(spelt, form.call);
  return h("div", { class: "inside" },
    (operation.description ?? "").split("\n\n").filter(Boolean).map((each) => h("p", {}, prose(each))),
    patterns(operation), form.element, spelt, answer);
}

function patterns(operation) {
  const found = operation["x-patterns"] ?? [];
  const since = operation["x-since"] ? `since ${operation["x-since"]}` : "";
  const names = found.length > 1 ? ["; takes ", found.map((each, index) => [index ? " and " : "", h("code", {}, each)])] : "";
  return h("p", { class: "quiet" }, operation["x-stability"] ?? "", " ", since, names);
}

/** The call in every language; one is shown. */
function spelling(place, call) {
  const all = Object.entries(spellings(call));
  const shown = place.dataset.shown && all.some(([name]) => name === place.dataset.shown) ? place.dataset.shown : all[0][0];
  const text = h("code", {}, all.find(([name]) => name === shown)[1]);
  const choose = (name) => {
    place.dataset.shown = name;
    spelling(place, call);
    place.querySelector("[aria-pressed=true]").focus();
  };
  const buttons = all.map(([name]) => h("button", { type: "button", "aria-pressed": String(name === shown), click: () => choose(name) }, name));
  const copy = h("button", { type: "button", class: "copy", click: () => copied(copy, text.textContent) }, "Copy");
  place.className = "spelling";
  place.replaceChildren(h("div", { class: "tabs", role: "group", "aria-label": "The call in" }, buttons, copy), h("pre", { tabindex: "0" }, text));
}

async function copied(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select it";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

function answered(found, call, send) {
  const size = new Blob([found.text]).size;
  const next = found.value?.meta?.next;
  const headers = SHOWN_HEADERS.filter((name) => found.headers.get(name)).map((name) => [h("dt", {}, name), h("dd", {}, found.headers.get(name))]);
  return [
    h("p", { class: "result" },
      h("strong", { class: found.status < 400 ? "right" : "wrong" }, String(found.status)), " ",
      h("span", { class: "quiet" }, `${found.ms.toFixed(0)} ms · ${found.cut ? "the first " : ""}${(size / 1024).toFixed(1)} KiB`), " ",
      call.body === undefined ? h("a", { href: address(call), target: "_blank", rel: "noopener" }, "open") : ""),
    h("pre", { tabindex: "0", "aria-label": "Body" }, h("code", {}, found.value === undefined ? found.text : json(found.text))),
    next ? h("p", {}, h("button", { type: "button", click: () => send(following(next)) }, "Next page")) : "",
    headers.length ? h("details", {}, h("summary", {}, "Headers"), h("dl", { class: "headers" }, headers)) : "",
  ].filter(Boolean);
}

function following(next) {
  const [path, query] = next.split("?");
  return { path, pairs: [...new URLSearchParams(query)] };
}
