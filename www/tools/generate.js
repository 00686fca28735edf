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
for (const [path, { get }] of Object.entries(operations)) {
    const [, schema, form] = /\/([A-Za-z]+)[.](list|one)$/.exec(get?.responses["200"]?.$ref ?? "") ?? [];
    const type = get?.tags[0];
    if (!type || !schema) continue;
    schemas.set(type, schema);
    paths.push(`    ${JSON.stringify(path.slice(1))}: { type: "${type}"; form: "${String(form)}" };`);
}

const types = tags
    .filter(({ name }) => schemas.has(name))
    .map(({ name, summary }) => {
        const schema = String(schemas.get(name));
        return `    ${name}: { plural: "${summary}"; record: ${schema}; part: ${schema}Part };`;
    });

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
`;

if (!process.argv.includes("--check")) {
    writeFileSync(TARGET, written);
} else if (readFileSync(TARGET, "utf8") !== written) {
    console.error("src/api/generated.ts is not what the API's document gives: npm run generate");
    process.exitCode = 1;
}
