import { parseArgs } from "node:util";
import { invalidParameter } from "../../base/errors.ts";
import { keyOf, OPTIONS, type Option } from "./options.ts";
import { withoutPassword } from "./without-password.ts";

export type RawValue = boolean | number | string | readonly string[] | Readonly<Record<string, unknown>>;

/** Options as written, by flag name. */
export type Raw = ReadonlyMap<string, RawValue>;

/** How pflag takes booleans, and so dockerd. */
export const TRUE: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);
export const FALSE: ReadonlySet<string> = new Set(["0", "f", "F", "false", "FALSE", "False"]);

function parseBool(option: Option, text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw invalidParameter(`invalid argument "${text}" for "--${option.name}": expected true or false`);
}

function parseNumber(option: Option, text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw invalidParameter(`invalid argument "${text}" for "--${option.name}": expected a whole number`);
}

function addEntry(option: Option, before: RawValue | undefined, text: string): RawValue {
  const at = text.indexOf("=");
  if (at === 0 || (at < 0 && option.bare === undefined))
    throw invalidParameter(`invalid argument "${text}" for "--${option.name}": expected name=value`);
  const [name, value] = at < 0 ? [text, option.bare] : [text.slice(0, at), text.slice(at + 1)];
  return { ...(before as Record<string, unknown> | undefined), [name]: value };
}

function addFlag(option: Option, before: RawValue | undefined, text: string): RawValue {
  switch (option.kind) {
    case "bool":
      return parseBool(option, text);
    case "number":
      return parseNumber(option, text);
    case "string":
      return text;
    case "list":
      return [...((before as readonly string[] | undefined) ?? []), text];
    case "map":
      return addEntry(option, before, text);
  }
}

/** `-H=value` is `-H value` for pflag; parseArgs takes the sign for the first letter of the value. */
const givenValue = ({ rawName, value }: { readonly rawName: string; readonly value?: string | undefined }) =>
  rawName.startsWith("--") ? value : value?.replace(/^=/, "");

/** Reads dockerd's command line (pflag's grammar: `--flag=value`, `--flag value`, `-H value`, `--bool`). Pure. */
export function readFlags(argv: readonly string[]): Raw {
  const byName = new Map(OPTIONS.map((option) => [option.name, option]));
  const options = Object.fromEntries(
    OPTIONS.map(({ name, kind, short }) => [
      name,
      {
        type: kind === "bool" ? ("boolean" as const) : ("string" as const),
        multiple: true,
        ...(short && { short }),
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const raw = new Map<string, RawValue>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional")
      throw invalidParameter(`unexpected argument "${token.value}"; see wharfd --help`);
    const option = byName.get(token.name);
    if (!option) throw invalidParameter(`unknown flag: ${token.rawName}; see wharfd --help`);
    const text = givenValue(token) ?? (option.kind === "bool" ? "true" : undefined);
    if (text === undefined) throw invalidParameter(`flag needs an argument: ${token.rawName}`);
    raw.set(option.name, addFlag(option, raw.get(option.name), text));
  }
  return raw;
}

const describe: Readonly<Record<Option["kind"], string>> = {
  bool: "true or false",
  number: "a whole number",
  string: "a string",
  list: "a list of strings",
  map: "an object",
};

/** List options that are objects in the file: limits by their name, options by their driver. */
const OBJECTS = new Set(["default-ulimit", "default-network-opt"]);

function matches(option: Option, value: unknown): value is RawValue {
  switch (option.kind) {
    case "bool":
      return typeof value === "boolean";
    case "number":
      return Number.isInteger(value);
    case "string":
      return typeof value === "string";
    case "list":
      return (
        (Array.isArray(value) || OBJECTS.has(option.name)) && typeof value === "object" && value !== null
      );
    case "map":
      return typeof value === "object" && value !== null && !Array.isArray(value);
  }
}

/** Reads the text of daemon.json. Unknown keys and wrong types are refused, all named at once. Pure. */
export function readConfigFile(path: string, text: string): Raw {
  const { builder, "host-gateway-ip": gatewayIp, ...document } = withProxies(path, parseJson(path, text));
  // dockerd's key of the time when there was one.
  if (typeof gatewayIp === "string") document["host-gateway-ips"] ??= [gatewayIp];
  const byKey = new Map(
    OPTIONS.flatMap((option) => (keyOf(option) === null ? [] : [[keyOf(option), option] as const])),
  );
  const unknown = Object.keys(document).filter((key) => !byKey.has(key));
  if (unknown.length > 0) {
    throw invalidParameter(
      `unable to configure the engine with file ${path}: the following directives don't match any configuration option: ${unknown.join(", ")}`,
    );
  }
  const raw = new Map<string, RawValue>();
  for (const [key, value] of Object.entries(document)) {
    const option = byKey.get(key);
    if (!option || value === null) continue;
    if (!matches(option, value)) {
      throw invalidParameter(
        `unable to configure the engine with file ${path}: ${key} must be ${describe[option.kind]}`,
      );
    }
    raw.set(option.name, value);
  }
  const limit = (builder ?? undefined) === undefined ? undefined : cacheLimit(path, builder);
  if (limit !== undefined) raw.set("build-cache-limit", limit);
  return raw;
}

const GC_FIELDS = [
  "enabled",
  "defaultKeepStorage",
  "defaultReservedSpace",
  "defaultMaxUsedSpace",
  "defaultMinFreeSpace",
];
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** dockerd's `"builder": {"gc": {"enabled": true, "defaultKeepStorage": "20GB"}}`; its list of policies is refused. */
function cacheLimit(path: string, builder: unknown): string | undefined {
  const refuse = (why: string) =>
    invalidParameter(`unable to configure the engine with file ${path}: ${why}`);
  const { gc = {}, ...rest } = isObject(builder) ? builder : { gc: null };
  if (!isObject(gc)) throw refuse("builder must be an object with gc, an object, in it");
  const unknown = [
    ...Object.keys(rest).map((key) => `builder.${key}`),
    ...Object.keys(gc).flatMap((key) => (GC_FIELDS.includes(key) ? [] : [`builder.gc.${key}`])),
  ];
  if (unknown.length > 0)
    throw refuse(`the following directives don't match any configuration option: ${unknown.join(", ")}`);
  if (gc["enabled"] === false) return "0";
  const size = gc["defaultMaxUsedSpace"] ?? gc["defaultReservedSpace"] ?? gc["defaultKeepStorage"];
  if (size !== undefined && typeof size !== "string")
    throw refuse("builder.gc has a size that is not a string");
  return size;
}

/** dockerd's file has the proxies in an object of their own: `"proxies": {"http-proxy": ...}`. */
function withProxies(path: string, document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { proxies = {}, ...rest } = document;
  if (typeof proxies !== "object" || proxies === null || Array.isArray(proxies))
    throw invalidParameter(`unable to configure the engine with file ${path}: proxies must be an object`);
  const unknown = Object.keys(proxies).filter((key) => !/^(https?|no)-proxy$/.test(key));
  if (unknown.length > 0) {
    throw invalidParameter(
      `unable to configure the engine with file ${path}: the following directives don't match any configuration option: ${unknown.map((key) => `proxies.${key}`).join(", ")}`,
    );
  }
  return { ...rest, ...proxies };
}

function parseJson(path: string, text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text.trim() === "" ? "{}" : text);
    if (typeof document === "object" && document !== null && !Array.isArray(document)) return { ...document };
  } catch (cause) {
    throw invalidParameter(`unable to configure the engine with file ${path}: not valid JSON`, cause);
  }
  throw invalidParameter(`unable to configure the engine with file ${path}: expected a JSON object`);
}

/** Flags and file together; an option given by both is refused, as Docker does. Pure. */
export function mergeRaw(flags: Raw, file: Raw, path: string): Raw {
  const both = [...file.keys()].filter((name) => flags.has(name));
  if (both.length > 0) {
    const shown = both.map(
      (name) => `${name}: (from flag: ${show(flags.get(name))}, from file: ${show(file.get(name))})`,
    );
    throw invalidParameter(
      `unable to configure the engine with file ${path}: the following directives are specified both as a flag and in the configuration file: ${shown.join(", ")}`,
    );
  }
  return new Map([...file, ...flags]);
}

const show = (value: RawValue | undefined): string =>
  typeof value === "string" ? withoutPassword(value) : JSON.stringify(value);

/** Refuses options that have no effect here, unless the value asks for what happens anyway. Pure. */
export function refuseWithoutEffect(raw: Raw): void {
  for (const option of OPTIONS) {
    const value = raw.get(option.name);
    if (value === undefined || option.refused === undefined) continue;
    if (option.harmless?.includes(String(value))) continue;
    throw invalidParameter(`--${option.name} cannot be honoured: ${option.refused}`);
  }
}
