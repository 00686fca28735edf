/**
 * Writes src/api/generated.ts: the types of every record, and what is at which path, from the API's OpenAPI document.
 *
 *     node tools/generate.js           write it
 *     node tools/generate.js --check   only say whether it is old: exits with 1 then
 *
 * Operations and their parameters are left out: every list takes the same ones, and all of them are 750 KB of types.
 */
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../../master/buildbot/www/static/api/openapi.json", import.meta.url);
const TARGET = new URL("../src/api/generated.ts", import.meta.url);

/**
 * @typedef {import("openapi-typescript").OpenAPI3} Document
 * @typedef {{ tags: [string], responses: Record<string, { $ref?: string }> }} Operation
 * @typedef {{ tags: { name: string, summary: string }[], paths: Record<string, { get?: Operation }> }} Used
 */

/** @type {unknown} */
const read = JSON.parse(readFileSync(DOCUMENT, "utf8"), (key, value) =>
    key === "format" ? undefined : /** @type {unknown} */ (value),
);
const {
    openapi,
    info,
    tags,
    paths: operations,
    components,
} = /** @type {Omit<Document, "tags" | "paths"> & Used} */ (read);

/** Names of the schemas of records by that of their resource type. */
const schemas = /** @type {Map<string, string>} */ (new Map());
/** @type {string[]} */
const paths = [];
/** What the words of paths lead to. */
const words = /** @type {Map<string, { type: string, many: boolean }>} */ (new Map());
for (const [path, { get }] of Object.entries(operations)) {
    const [, schema, form] = /\/([A-Za-z]+)[.](list|one)$/.exec(get?.responses["200"]?.$ref ?? "") ?? [];
    const type = get?.tags[0];
    if (!type || !schema) continue;
    schemas.set(type, schema);
    const last = path.split("/").findLast((segment) => segment && !segment.startsWith("{"));
    if (last && !/\}\/\{/.test(path)) {
        const many = form === "list" || path.endsWith("}");
        const known = words.get(last) ?? { type, many };
        if (known.type !== type || known.many !== many) throw new Error(`${path}: ${last} leads to ${known.type}, too`);
        words.set(last, known);
    }
    paths.push(`    ${JSON.stringify(path.slice(1))}: { type: "${type}"; form: "${String(form)}" };`);
}

const types = tags
    .filter(({ name }) => schemas.has(name))
    .map(({ name, summary }) => {
        const schema = String(schemas.get(name));
        return `    ${name}: { plural: "${summary}"; record: ${schema}; part: ${schema}Part };`;
    });

/** @typedef {{ "x-key"?: string, "x-order"?: string, "x-own"?: boolean, properties?: Record<string, { "x-derived"?: boolean }> }} Part */

/** What a program has to know of a type. @param {string} name @param {string} plural */
function runtime(name, plural) {
    const part = /** @type {Part} */ (components?.schemas?.[`${String(schemas.get(name))}Part`] ?? {});
    const fields = Object.entries(part.properties ?? {});
    const derived = fields.flatMap(([field, found]) => (found["x-derived"] ? [field] : []));
    const key = part["x-key"] ?? fields[0]?.[0] ?? "";
    return `    ${plural}: ${JSON.stringify({ key, order: part["x-order"] ?? key, own: part["x-own"] ?? false, derived })},`;
}

const plurals = new Map(tags.map(({ name, summary }) => [name, summary]));
const facts = tags.filter(({ name }) => schemas.has(name)).map(({ name, summary }) => runtime(name, summary));
const leads = [...words].map(
    ([word, { type, many }]) => `    "${word}": { plural: "${String(plurals.get(type))}", many: ${String(many)} },`,
);

const records = await openapiTS(
    { openapi, info, paths: {}, components: { schemas: components?.schemas ?? {} } },
    { rootTypes: true, rootTypesNoSchemaPrefix: true },
);
const written = `// Written by \`npm run generate\` from the OpenAPI document of the API: do not edit.

${astToString(records).replaceAll(/^export type \S+ = Record<string, never>;\n/gm, "")}
/** Resource types: under which name an answer has them, and what a record is, as it is sent whole and in part. */
export interface ResourceTypes {
${types.join("\n")}
}

/** What is at each path, relative to the root of the API: a list of records of a type, or one record. */
export interface Paths {
${paths.join("\n")}
}

/** Of each type, by its plural: what tells its records apart, the order of lists that name none, whether it is the server's own rather than Buildbot's, and the fields that events lack. */
export const TYPES = {
${facts.join("\n")}
} as const satisfies Record<string, { key: string; order: string; own: boolean; derived: readonly string[] }>;

/** What the words of paths lead to; where to many, a value may follow that names one. */
export const WORDS = {
${leads.join("\n")}
} as const satisfies Record<string, { plural: keyof typeof TYPES; many: boolean }>;
`;

if (!process.argv.includes("--check")) {
    writeFileSync(TARGET, written);
} else if (readFileSync(TARGET, "utf8") !== written) {
    console.error("src/api/generated.ts is not what the API's document gives: npm run generate");
    process.exitCode = 1;
}
