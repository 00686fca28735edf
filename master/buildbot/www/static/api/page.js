// The page: reads the OpenAPI document of this server and draws it.

import { h, prose } from "./elements.js";
import { API } from "./call.js";
import { Model, operatorsOf, typeWord } from "./model.js";
import { chip, operationView } from "./operation.js";

const at = (id) => document.getElementById(id);

async function begin() {
  at("server").textContent = API;
  const response = await fetch("api/openapi.json");
  if (!response.ok) throw new Error(`the document is not there (${response.status})`);
  const model = new Model(await response.json());
  at("version").textContent = model.document.info.version;
  at("about").replaceChildren(...prose(model.document.info.description));
  at("groups").replaceChildren(...model.groups.map(groupView));
  at("types").replaceChildren(...model.groups.map(entry), entry({ id: "errors", name: "errors", operations: [] }));
  showErrors(model);
  at("search").addEventListener("input", () => search(model));
  addEventListener("hashchange", follow);
  addEventListener("keydown", slash);
  if (matchMedia("(max-width: 60rem)").matches) at("contents").open = false;
  follow();
}

function entry(group) {
  const count = group.operations.length ? h("span", { class: "quiet" }, String(group.operations.length)) : "";
  return h("li", { "data-group": group.id }, h("a", { href: `#${group.id}` }, group.name, count));
}

function groupView(group) {
  const title = `${group.id}-title`;
  return h("section", { class: "group", id: group.id, "aria-labelledby": title },
    h("h2", { id: title }, group.name),
    h("p", {}, prose(group.description)),
    group.fields.length ? later("Fields and relations", () => table(group)) : "",
    h("div", { class: "operations" }, group.operations.map(operationView)));
}

/** Details whose content is made when they are opened first. */
function later(text, make) {
  const details = h("details", { class: "table" }, h("summary", {}, text));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(make());
  });
  return details;
}

function table(group) {
  const row = ([name, schema]) => h("tr", {},
    h("th", { scope: "row" }, h("code", {}, name), chip(schema)),
    h("td", {}, typeWord(schema)),
    h("td", {}, prose(schema.description), operators(group, name)));
  const head = h("thead", {}, h("tr", {}, ["Name", "Type", "Meaning"].map((text) => h("th", { scope: "col" }, text))));
  const relations = group.relations.length ? h("tbody", {}, h("tr", {}, h("th", { class: "part", colspan: "3", scope: "rowgroup" }, "With expand=")), group.relations.map(row)) : "";
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Fields of ${group.name}` },
    h("table", {}, head, h("tbody", {}, group.fields.map(row)), relations));
}

function operators(group, name) {
  const found = operatorsOf(group.filters, name);
  return found.length ? h("small", { class: "hint" }, `Conditions: ${found.join(" ")}`) : "";
}

function showErrors(model) {
  const list = at("errors").querySelector("dl");
  list.replaceChildren(...model.errors.flatMap(([status, response]) => {
    const [phrase, ...sentences] = response.description.split(". ");
    return [h("dt", {}, h("strong", {}, status), ` ${phrase}`), h("dd", {}, prose(sentences.join(". ")))];
  }));
  at("errors").hidden = false;
}

/** Leave what has all the words: in a path or its summary; or the whole type, if its name or fields have them. */
function search(model) {
  const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (text) => words.every((word) => text.includes(word));
  let count = 0;
  for (const group of model.groups) {
    const whole = has(group.text);
    let left = 0;
    for (const operation of group.operations) {
      const fits = whole || has(operation.text);
      at(operation.operationId).hidden = !fits;
      left += Number(fits);
    }
    at(group.id).hidden = !left;
    at("types").querySelector(`[data-group="${group.id}"]`).hidden = !left;
    count += left;
  }
  at("found").textContent = words.length ? `${count} ${count === 1 ? "path" : "paths"}` : "";
}

/** Open what the address names. */
function follow() {
  const element = at(decodeURIComponent(location.hash.slice(1)));
  if (element instanceof HTMLDetailsElement) element.open = true;
  element?.scrollIntoView();
}

function slash(event) {
  if (event.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  event.preventDefault();
  at("search").focus();
}

begin().catch((error) => { at("about").textContent = `The OpenAPI document cannot be drawn: ${error.message}`; });
