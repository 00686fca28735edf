// One call: written as an address, as a command and as Python; and made.

const MOST_SHOWN = 200_000;

/** Where the API is: beside this page, whatever is put in front of both. */
export const API = new URL("../api/v2", document.baseURI).href;

/** A path with its variables filled in; without a slash in front. */
export function filled(path, values) {
  return path.slice(1).replace(/\{([^}]+)\}/g, (_, name) => encodeURIComponent(values[name] ?? ""));
}

/** Pairs of name and value as a query, readable: brackets, commas and colons stay. */
export function queryOf(pairs) {
  const encode = (text) => encodeURIComponent(text).replace(/%(2C|3A|2F|40)/g, (code) => decodeURIComponent(code));
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
}

/** The address below the API. */
export function relative(call) {
  const query = queryOf(call.pairs);
  return call.path + (query ? `?${query}` : "");
}

export function address(call) {
  return call.path ? `${API}/${relative(call)}` : API + relative(call);
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The same call in other languages, by name. */
export function spellings(call) {
  if (call.body !== undefined) {
    const sent = call.body.replace(/\s+/g, " ");
    const token = call.token === undefined ? "" : ' -H "Authorization: Bearer $BUILDBOT_TOKEN"';
    return { HTTP: `POST ${address(call)}`, curl: `curl -H 'Content-Type: application/json'${token} -d ${quoted(sent)} ${quoted(address(call))}` };
  }
  const words = call.pairs.map(([name, value]) => quoted(`${name}=${value}`)).join(" ");
  const command = call.raw ? "" : `buildbot get ${quoted(decodeURI(call.path))} ${words} --from ${new URL(API).origin}`;
  return { HTTP: `GET ${address(call)}`, curl: `curl ${quoted(address(call))}`, ...(call.raw ? {} : { "buildbot get": command, Python: python(call) }) };
}

function python(call) {
  const values = new Map();
  for (const [name, value] of call.pairs) values.set(name, [...(values.get(name) ?? []), value]);
  const text = (value) => (/^-?(0|[1-9]\d{0,14})$/.test(value) ? value : value === "true" ? "True" : value === "false" ? "False" : JSON.stringify(value));
  const written = (list) => (list.length === 1 ? text(list[0]) : `[${list.map(text).join(", ")}]`);
  const given = [...values].map(([name, list]) => `${JSON.stringify(name)}: ${written(list)}`);
  const query = given.length ? `, {${given.join(", ")}}` : "";
  return `answer = await status.get(${JSON.stringify(decodeURI(call.path))}${query})`;
}

/** Make the call; what came back, cut where it is too long to be shown. */
export async function make(call, signal) {
  const began = performance.now();
  const options = call.body === undefined ? {} : { method: "POST", body: call.body, headers: { "Content-Type": "application/json" } };
  if (call.token !== undefined) options.headers.Authorization = `Bearer ${call.token}`;
  const response = await fetch(address(call), { ...options, signal, cache: "no-cache" });
  const { text, cut } = await beginning(response);
  const type = response.headers.get("Content-Type") ?? "";
  const found = { status: response.status, ms: performance.now() - began, type, headers: response.headers, text, cut };
  if (type.startsWith("application/json") && !cut) {
    found.value = JSON.parse(text);
    found.text = JSON.stringify(found.value, null, 2);
  }
  return found;
}

async function beginning(response) {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    if (text.length > MOST_SHOWN) {
      await reader.cancel();
      return { text: text.slice(0, MOST_SHOWN), cut: true };
    }
  }
  return { text, cut: false };
}
