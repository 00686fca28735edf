// What the page knows of the OpenAPI document: operations by type, and what they take.

/** The document, with references followed and operations grouped by the type of the records that they answer with. */
export class Model {
  constructor(document) {
    this.document = document;
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      ["get", "post"].filter((method) => item[method]).map((method) => this.operation(path, item, method)));
    this.groups = document.tags.map((tag) => this.group(tag)).filter((group) => group.operations.length);
  }

  /** What a reference leads to. */
  follow(part) {
    return part?.$ref ? part.$ref.slice(2).split("/").reduce((found, name) => found[name], this.document) : part;
  }

  operation(path, item, method) {
    const own = item[method];
    const parameters = (own.parameters ?? []).map((each) => this.follow(each));
    const content = this.follow(own.responses["200"]).content;
    return {
      ...own, path, method, parameters,
      variables: (item.parameters ?? []).map((each) => this.follow(each)),
      parameter: (name) => parameters.find((each) => each.name === name),
      raw: content["*/*"] !== undefined,
      text: `${path} ${own.summary} ${own.description ?? ""}`.toLowerCase(),
    };
  }

  group(tag) {
    const operations = this.operations.filter((each) => each.tags.includes(tag.name));
    const depth = (each) => each.path.split("/").length;
    operations.sort((one, other) => depth(one) - depth(other) || one.path.localeCompare(other.path));
    const type = operations[0]?.["x-type"];
    const schema = this.document.components.schemas[`${type}Part`];
    const properties = Object.entries(schema?.properties ?? {});
    return {
      name: tag.name.replace(/^_/, "").replaceAll("_", " "), id: `type-${tag.name}`, description: tag.description, operations,
      fields: properties.filter(([, each]) => !each["x-relation"]),
      relations: properties.filter(([, each]) => each["x-relation"]),
      filters: this.document.components.parameters[`${type}.filter`]?.schema.properties ?? {},
      text: `${tag.name} ${properties.map(([name]) => name).join(" ")}`.toLowerCase(),
    };
  }

  /** All kinds of errors, by status. */
  get errors() {
    return Object.entries(this.document.components.responses).filter(([status]) => /^[45]\d\d$/.test(status));
  }
}

/** The type of a value in words: "integer", "list of text", "SourceStamp or null". */
export function typeWord(schema) {
  const word = { string: "text", array: "list", integer: "integer", boolean: "boolean", object: "object" };
  if (schema.$ref) return schema.$ref.split("/").pop().replace(/Part$/, "");
  const choices = schema.anyOf ?? schema.allOf;
  if (choices) return choices.map(typeWord).join(" or ");
  const types = [schema.type ?? "anything"].flat();
  const words = types.map((type) => (type === "array" && schema.items ? `list of ${typeWord(schema.items)}` : word[type] ?? type));
  return words.join(" or ");
}

/** The operators that a field takes. */
export function operatorsOf(filters, field) {
  return Object.keys(filters).filter((name) => name === field || name.startsWith(`${field}__`))
    .map((name) => (name === field ? "eq" : name.slice(field.length + 2)));
}
