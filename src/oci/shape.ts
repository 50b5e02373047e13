import { invalidParameter } from "../base/errors.ts";

/** A JSON object whose fields nobody has looked at yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Deeper nesting than any document of the specification has; JSON.parse itself would accept thousands of levels. */
const DEPTH_LIMIT = 64;

/** Parses a JSON object that came from outside. `what` names the document in errors, which are invalidParameter. */
export function parseObject(what: string, text: string | Uint8Array, limit: number): Fields {
  if (text.length > limit)
    throw invalidParameter(`${what} is too large: ${text.length} bytes, at most ${limit} are read`);
  const source = typeof text === "string" ? text : decode(what, text);
  if (depthOf(source) > DEPTH_LIMIT) throw invalidParameter(`${what} is nested too deeply`);
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw invalidParameter(`${what} is not valid JSON`, cause);
  }
  return asObject(what, value);
}

function decode(what: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalidParameter(`${what} is not valid UTF-8`, cause);
  }
}

function depthOf(text: string): number {
  let [depth, deepest, quoted] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted && code === 0x5c) i++;
    else if (code === 0x22) quoted = !quoted;
    else if (!quoted && (code === 0x7b || code === 0x5b)) deepest = Math.max(deepest, ++depth);
    else if (!quoted && (code === 0x7d || code === 0x5d)) depth--;
  }
  return deepest;
}

export function asObject(what: string, value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw invalidParameter(`${what} is not a JSON object`);
}

export function asList(what: string, value: unknown, limit: number): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidParameter(`${what} is not a list`);
  if (value.length > limit)
    throw invalidParameter(`${what} has ${value.length} entries, at most ${limit} are allowed`);
  return value;
}

export function asText(what: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw invalidParameter(`${what} is not a string`);
}

export const optionalText = (what: string, value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : asText(what, value);

/** A length in bytes. */
export function asSize(what: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidParameter(`${what} is not a size in bytes`);
}

/** A list of strings; Go writes an absent one as null. */
export function optionalTexts(what: string, value: unknown, limit: number): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  return asList(what, value, limit).map((entry) => asText(`an entry of ${what}`, entry));
}

/** A map of strings to strings. */
export function optionalTextMap(
  what: string,
  value: unknown,
  limit: number,
): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = Object.entries(asObject(what, value));
  if (entries.length > limit)
    throw invalidParameter(`${what} has ${entries.length} entries, at most ${limit} are allowed`);
  return Object.fromEntries(
    entries.map(([key, text]) => [key, asText(`${what}[${JSON.stringify(key)}]`, text)]),
  );
}
