import { posix } from "node:path";
import { invalidParameter, notImplemented } from "../../base/errors.ts";
import { didYouMean } from "../dockerfile/index.ts";

/** A `RUN --mount`, read. Paths of targets are absolute. */
export type Mount =
  | {
      readonly type: "bind";
      readonly target: string;
      readonly source: string;
      /** A stage or an image; undefined for the build context. */
      readonly from?: string;
      readonly readOnly: boolean;
    }
  | {
      readonly type: "cache";
      readonly target: string;
      readonly id: string;
      readonly source: string;
      readonly from?: string;
      readonly readOnly: boolean;
      readonly sharing: "shared" | "private" | "locked";
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly type: "tmpfs"; readonly target: string; readonly size: number };

const KEYS = {
  bind: ["type", "target", "source", "from", "readonly", "readwrite"],
  cache: ["type", "target", "id", "source", "from", "readonly", "readwrite", "sharing", "mode", "uid", "gid"],
  tmpfs: ["type", "target", "size"],
} as const;
const ALIASES: Readonly<Record<string, string>> = {
  dst: "target",
  destination: "target",
  src: "source",
  ro: "readonly",
  rw: "readwrite",
};

/** Reads `type=...,target=...` (Dockerfile reference, "RUN --mount"). Throws invalidParameter or notImplemented. */
export function parseMount(text: string, cwd: string): Mount {
  const fields = readFields(text);
  const type = fields.get("type") ?? "bind";
  if (type === "secret" || type === "ssh") {
    throw notImplemented(
      `RUN --mount=type=${type} is not available with this API: it has no way to hand over secrets`,
    );
  }
  if (type !== "bind" && type !== "cache" && type !== "tmpfs") {
    throw invalidParameter(
      `unsupported mount type ${JSON.stringify(type)}${didYouMean(type, ["bind", "cache", "tmpfs", "secret", "ssh"])}`,
    );
  }
  for (const key of fields.keys()) {
    if (!(KEYS[type] as readonly string[]).includes(key)) {
      throw invalidParameter(
        `unexpected key '${key}' in a ${type} mount: ${text}${didYouMean(key, KEYS[type])}`,
      );
    }
  }
  const target = fields.get("target");
  if (!target) throw invalidParameter(`a ${type} mount needs a target: ${text}`);
  return makeMount(type, posix.resolve("/", cwd, target), fields);
}

function makeMount(type: Mount["type"], target: string, fields: ReadonlyMap<string, string>): Mount {
  if (target === "/") throw invalidParameter(`a ${type} mount cannot cover the root folder`);
  if (type === "tmpfs") return { type, target, size: parseSize(fields.get("size") ?? "0") };
  const common = {
    target,
    source: fields.get("source") ?? "/",
    from: fields.get("from") || undefined,
    readOnly: isReadOnly(fields, type === "bind"),
  };
  if (type === "bind") return { type, ...common };
  return {
    type,
    ...common,
    id: fields.get("id") || target,
    sharing: sharingOf(fields.get("sharing") ?? "shared"),
    mode: parseOctal(fields.get("mode") ?? "755"),
    uid: parseCount("uid", fields.get("uid") ?? "0"),
    gid: parseCount("gid", fields.get("gid") ?? "0"),
  };
}

function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const part of text.split(",")) {
    const at = part.indexOf("=");
    const written = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase();
    const key = ALIASES[written] ?? written;
    if (at < 0 && key !== "readonly" && key !== "readwrite") {
      throw invalidParameter(`invalid field '${part}' must be a key=value pair`);
    }
    fields.set(key, at < 0 ? "true" : part.slice(at + 1));
  }
  return fields;
}

function isReadOnly(fields: ReadonlyMap<string, string>, byDefault: boolean): boolean {
  const [readOnly, readWrite] = [fields.get("readonly"), fields.get("readwrite")];
  if (readOnly !== undefined) return boolean("readonly", readOnly);
  return readWrite === undefined ? byDefault : !boolean("readwrite", readWrite);
}

function boolean(key: string, text: string): boolean {
  if (["true", "1"].includes(text.toLowerCase())) return true;
  if (["false", "0"].includes(text.toLowerCase())) return false;
  throw invalidParameter(`invalid value for ${key}: ${text}`);
}

function sharingOf(text: string): "shared" | "private" | "locked" {
  if (text === "shared" || text === "private" || text === "locked") return text;
  throw invalidParameter(`unsupported sharing value ${JSON.stringify(text)}: shared, private or locked`);
}

function parseOctal(text: string): number {
  if (!/^[0-7]{1,5}$/.test(text))
    throw invalidParameter(`invalid value for mode: ${text}: expected octal digits`);
  return Number.parseInt(text, 8) & 0o7777;
}

function parseCount(key: string, text: string): number {
  if (!/^\d{1,10}$/.test(text))
    throw invalidParameter(`invalid value for ${key}: ${text}: expected a number`);
  return Number(text);
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text);
  if (!match) throw invalidParameter(`invalid size: ${JSON.stringify(text)}`);
  return Math.floor(Number(match[1]) * (UNITS[match[2]!.toLowerCase()] ?? 1));
}
