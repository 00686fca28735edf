// The form of an operation: what one may fill in, and the call that it makes of it.

import { h, labelled, prose } from "./elements.js";
import { filled } from "./call.js";

const SELDOM = ["offset", "total", "property"];

/** A form for an operation. `changed` is called when the call is another one. */
export class Form {
  constructor(operation, changed) {
    this.operation = operation;
    this.changed = changed;
    this.readers = [];
    const { variables, parameter } = operation;
    this.element = h("form", { class: "call", input: changed, change: changed },
      variables.length ? h("fieldset", { class: "row" }, h("legend", {}, "Path"), variables.map((each) => this.variable(each))) : "",
      operation.security?.length ? this.token() : "",
      operation.requestBody ? this.body() : "",
      this.plain(),
      parameter("filter") ? this.conditions(parameter("filter")) : "",
      parameter("field") ? this.fields(parameter("field")) : "",
      h("p", { class: "send" }, h("button", { class: "main" }, "Send"), this.output = h("output", { class: "hidden" })));
  }

  /** What the form says now. */
  get call() {
    const values = {};
    const pairs = [];
    for (const read of this.readers) read(values, pairs);
    const { path, raw } = this.operation;
    return { path: filled(path, values), pairs, raw, body: this.text?.value, token: this.secret?.value };
  }

  variable(parameter) {
    const number = parameter.schema.type === "integer" || /number/.test(parameter.description);
    const input = h("input", { value: number ? "1" : "", required: true, spellcheck: "false", autocapitalize: "off", autocomplete: "off" });
    this.readers.push((values) => { values[parameter.name] = input.value; });
    return labelled(parameter.name.replaceAll("_or_", " or "), input);
  }

  /** What shows that one may do it. It is sent with this call alone, and kept nowhere. */
  token() {
    this.secret = h("input", { type: "password", required: true, autocomplete: "off", spellcheck: "false" });
    return h("fieldset", { class: "row" }, h("legend", {}, "Who may"), labelled("Token", this.secret));
  }

  body() {
    const examples = Object.entries(this.operation.requestBody.content["application/json"].examples ?? {});
    this.text = h("textarea", { rows: 5, spellcheck: "false" });
    const choose = h("select", {}, examples.map(([name], index) => h("option", { value: index }, name)));
    const fill = () => { this.text.value = written(examples[choose.value || 0]?.[1].value); };
    choose.addEventListener("change", () => { fill(); this.changed(); });
    fill();
    return h("fieldset", {}, h("legend", {}, "Body"), examples.length > 1 ? labelled("Example", choose) : "",
      labelled(this.operation.requestBody.description, this.text));
  }

  /** Parameters with one value each, and those of embedded relations. */
  plain() {
    const special = ["filter", "field", "below", "page"];
    const found = this.operation.parameters.filter((each) => !special.includes(each.name));
    if (!found.length) return "";
    const input = (each) => (each.name === "order" ? this.order(each) : this.one(each));
    const often = found.filter((each) => !SELDOM.includes(each.name)).map(input);
    const seldom = found.filter((each) => SELDOM.includes(each.name)).map(input);
    if (this.operation.parameter("below")) seldom.push(this.below());
    return [
      often.length ? h("fieldset", { class: "row" }, h("legend", {}, "Parameters"), often) : "",
      seldom.length ? h("details", { class: "more" }, h("summary", {}, "More parameters"),
        h("fieldset", { class: "row" }, h("legend", { class: "hidden" }, "More parameters"), seldom)) : "",
    ];
  }

  /** The relations that may be embedded. */
  get relations() {
    return this.operation.parameter("expand").schema.items.pattern.match(/\(\((.*?)\)/)[1].split("|");
  }

  one(parameter) {
    const { schema, name } = parameter;
    const input = schema.enum
      ? h("select", {}, h("option", { value: "" }, "–"), schema.enum.map((value) => h("option", {}, value)))
      : h("input", schema.type === "integer" ? { type: "number", min: schema.minimum, max: schema.maximum } : { spellcheck: "false", autocapitalize: "off" });
    if (name === "limit") input.value = this.operation.parameter("filter") ? "5" : "";
    if (name === "expand") input.placeholder = this.relations.slice(0, 2).join(",");
    this.readers.push((_, pairs) => { if (input.value !== "") pairs.push([name, input.value]); });
    return labelled(name, input, this.hint(parameter, input));
  }

  order(parameter) {
    const choices = parameter.schema.items.enum.map((value) => h("option", {}, value));
    const input = h("select", {}, h("option", { value: "" }, "as it is"), choices);
    this.readers.push((_, pairs) => { if (input.value) pairs.push(["order", input.value]); });
    return labelled("order", input, this.hint(parameter, input));
  }

  below() {
    const [first] = this.relations;
    const input = h("input", { placeholder: `${first}.limit=5&${first}.field=…`, spellcheck: "false", autocapitalize: "off" });
    this.readers.push((_, pairs) => pairs.push(...new URLSearchParams(input.value)));
    return labelled("of what is embedded", input, this.hint(this.operation.parameter("below"), input));
  }

  hint(parameter, input) {
    const hint = h("small", { class: "hint", id: `${input.id || (input.id = `of-${Math.random().toString(36).slice(2)}`)}-hint` }, prose(parameter.description));
    input.setAttribute("aria-describedby", hint.id);
    return hint;
  }

  /** Conditions: any number of rows with a field and operator, and a value. */
  conditions(parameter) {
    const rows = h("div", { class: "rows" });
    const add = () => {
      const row = this.condition(parameter.schema.properties, () => { row.remove(); this.changed(); });
      rows.append(row);
      row.querySelector("select").focus();
    };
    this.readers.push((_, pairs) => {
      for (const row of rows.children) {
        const value = row.querySelector(".value").value;
        if (value !== "") pairs.push([row.querySelector(".name").value, value]);
      }
    });
    return h("fieldset", {}, h("legend", {}, "Conditions"), rows, h("button", { type: "button", click: add }, "Add a condition"));
  }

  condition(properties, remove) {
    const names = Object.keys(properties);
    const fields = [...new Set(names.map((name) => name.replace(/__\w+$/, "")))];
    const options = (field) => names.filter((name) => name === field || name.startsWith(`${field}__`)).map((name) => h("option", {}, name));
    const choose = h("select", { class: "name", "aria-label": "Field and operator" }, fields.map((field) => h("optgroup", { label: field }, options(field))));
    const place = h("span", {});
    const fit = () => {
      const schema = properties[choose.value];
      const boolean = (schema.items ?? schema).type === "boolean";
      place.replaceChildren(boolean
        ? h("select", { class: "value", "aria-label": "Value" }, h("option", {}, "true"), h("option", {}, "false"))
        : h("input", { class: "value", "aria-label": "Value", spellcheck: "false", autocapitalize: "off" }));
    };
    choose.addEventListener("change", fit);
    fit();
    return h("div", { class: "condition" }, choose, place, h("button", { type: "button", click: remove, "aria-label": "Remove this condition" }, "×"));
  }

  fields(parameter) {
    const boxes = parameter.schema.items.enum.map((name) => h("input", { type: "checkbox", value: name }));
    this.readers.push((_, pairs) => boxes.filter((box) => box.checked).forEach((box) => pairs.push(["field", box.value])));
    const choices = boxes.map((box) => h("label", { class: "choice" }, box, box.value));
    return h("details", { class: "more" }, h("summary", {}, "Only some fields"),
      h("fieldset", {}, h("legend", { class: "hidden" }, "Fields to send"), h("div", { class: "choices" }, choices)));
  }
}

/** A body to begin with: a list has a line for each of its elements. */
function written(example) {
  if (!Array.isArray(example)) return JSON.stringify(example ?? {}, null, 2);
  return `[\n${example.map((each) => `  ${JSON.stringify(each)}`).join(",\n")}\n]`;
}
