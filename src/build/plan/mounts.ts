import { posix } from "node:path";
import { invalidParameter } from "../../base/errors.ts";
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
  | { readonly type: "tmpfs"; readonly target: string; readonly size: number }
  | {
      readonly type: "secret";
      readonly id: string;
      /** A file; undefined when it is only wanted as a variable. */
      readonly target?: string;
      readonly env?: string;
      readonly required: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | {
      readonly type: "ssh";
      readonly id: string;
      readonly target?: string;
      readonly required: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    };

type MountType = Mount["type"];

const KEYS: Readonly<Record<MountType, readonly string[]>> = {
  bind: ["type", "target", "source", "from", "readonly", "readwrite"],
  cache: ["type", "target", "id", "source", "from", "readonly", "readwrite", "sharing", "mode", "uid", "gid"],
  tmpfs: ["type", "target", "size"],
  secret: ["type", "id", "target", "source", "env", "required", "mode", "uid", "gid"],
  ssh: ["type", "id", "target", "required", "mode", "uid", "gid"],
};
const ALIASES: Readonly<Record<string, string>> = {
  dst: "target",
  destination: "target",
  src: "source",
  ro: "readonly",
  rw: "readwrite",
};

const isType = (text: string): text is MountType => Object.hasOwn(KEYS, text);

/** Reads `type=...,target=...` (Dockerfile reference, "RUN --mount"). Throws invalidParameter. */
export function parseMount(text: string, cwd: string): Mount {
  const fields = readFields(text);
  const type = fields.get("type") ?? "bind";
  if (!isType(type)) {
    throw invalidParameter(
      `unsupported mount type ${JSON.stringify(type)}${didYouMean(type, Object.keys(KEYS))}`,
    );
  }
  for (const key of fields.keys()) {
    if (!KEYS[type].includes(key)) {
      throw invalidParameter(
        `unexpected key '${key}' in a ${type} mount: ${text}${didYouMean(key, KEYS[type])}`,
      );
    }
  }
  const written = fields.get("target");
  const target = written ? posix.resolve("/", cwd, written) : undefined;
  if (target === "/") throw invalidParameter(`a ${type} mount cannot cover the root folder`);
  if (type === "secret" || type === "ssh") return makePrivate(type, target, fields);
  if (target === undefined) throw invalidParameter(`a ${type} mount needs a target: ${text}`);
  return makeMount(type, target, fields);
}

/** A mount of what the image must never hold. */
function makePrivate(
  type: "secret" | "ssh",
  target: string | undefined,
  fields: ReadonlyMap<string, string>,
): Mount {
  const common = {
    required: boolean("required", fields.get("required") ?? "false"),
    mode: parseOctal(fields.get("mode") ?? (type === "ssh" ? "600" : "400")),
    uid: parseCount("uid", fields.get("uid") ?? "0"),
    gid: parseCount("gid", fields.get("gid") ?? "0"),
  };
  if (type === "ssh") return { type, id: fields.get("id") || "default", target, ...common };
  const id = fields.get("id") || fields.get("source") || (target && posix.basename(target));
  if (!id) throw invalidParameter("a secret mount needs an id or a target");
  const env = fields.get("env");
  const file = target ?? (env === undefined ? `/run/secrets/${id}` : undefined);
  return { type, id, target: file, env, ...common };
}

function makeMount(
  type: Exclude<MountType, "secret" | "ssh">,
  target: string,
  fields: ReadonlyMap<string, string>,
): Mount {
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

/** Keys that mean "true" when they stand alone. */
const BARE = ["readonly", "readwrite", "required"];

function readFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const part of text.split(",")) {
    const at = part.indexOf("=");
    const written = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase();
    const key = ALIASES[written] ?? written;
    if (at < 0 && !BARE.includes(key)) {
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

/** Where a mount takes files from: a stage or an image by name; undefined for the build context or nothing. */
export const originOf = (mount: Mount): string | undefined =>
  mount.type === "bind" || mount.type === "cache" ? mount.from : undefined;
