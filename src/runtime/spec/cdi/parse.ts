import { invalidParameter } from "../../../base/errors.ts";
import { asList, asObject, type Fields, parseObject } from "../../../oci/index.ts";
import {
  type CdiDevice,
  type CdiDeviceNode,
  type CdiEdits,
  type CdiHook,
  type CdiMount,
  type CdiSpec,
  HOOK_NAMES,
  NO_EDITS,
} from "./cdi-spec.ts";

/** Of one file: large ones come from machines with many devices. */
const LARGEST = 1024 * 1024;
const MOST = 10_000;

const VERSION = /^(0\.[3-8]\.0|1\.0\.0)$/;
const VENDOR = /^[A-Za-z]([\w.-]*[A-Za-z0-9])?$/;
const CLASS = /^[A-Za-z]([\w-]*[A-Za-z0-9])?$/;
const NAME = /^[A-Za-z0-9]([\w.:-]*[A-Za-z0-9])?$/;

/** Reads one specification. Pure. Throws invalidParameter with the first thing that is wrong with it. */
export function parseCdiSpec(text: string): CdiSpec {
  const fields = parseObject("the specification", text, LARGEST);
  only("the specification", fields, ["cdiVersion", "kind", "annotations", "devices", "containerEdits"]);
  const version = optionalText("cdiVersion", fields["cdiVersion"]) ?? "";
  if (!VERSION.test(version)) throw invalidParameter(`unknown cdiVersion ${JSON.stringify(version)}`);
  const kind = optionalText("kind", fields["kind"]) ?? "";
  if (!isKind(kind)) throw invalidParameter(`invalid kind ${JSON.stringify(kind)}: it is "vendor/class"`);
  const devices = list("devices", fields["devices"]).map(device);
  if (devices.length === 0) throw invalidParameter("there are no devices");
  const twice = devices.find(({ name }, at) => devices.findIndex((other) => other.name === name) !== at);
  if (twice) throw invalidParameter(`there are two devices ${JSON.stringify(twice.name)}`);
  return { kind, devices, edits: edits("containerEdits", fields["containerEdits"]) };
}

function isKind(kind: string): boolean {
  const [vendor = "", name = "", ...rest] = kind.split("/");
  return rest.length === 0 && VENDOR.test(vendor) && CLASS.test(name);
}

/** Splits "vendor.com/class=name". Pure. Undefined when the text is none. */
export function parseDeviceName(text: string): { readonly kind: string; readonly name: string } | undefined {
  const at = text.indexOf("=");
  const [kind, name] = [text.slice(0, at), text.slice(at + 1)];
  return at > 0 && isKind(kind) && NAME.test(name) ? { kind, name } : undefined;
}

function device(value: unknown): CdiDevice {
  const fields = asObject("a device", value);
  only("a device", fields, ["name", "annotations", "containerEdits"]);
  const name = optionalText("name", fields["name"]) ?? "";
  if (!NAME.test(name)) throw invalidParameter(`invalid device name ${JSON.stringify(name)}`);
  const own = edits(`containerEdits of ${name}`, fields["containerEdits"]);
  if (Object.values(own).every((entries) => entries.length === 0))
    throw invalidParameter(`the device ${JSON.stringify(name)} has no containerEdits`);
  return { name, edits: own };
}

function edits(what: string, value: unknown): CdiEdits {
  if (value === undefined || value === null) return NO_EDITS;
  const fields = asObject(what, value);
  // A request to put the container into a class of cache and bandwidth is not passed over.
  if (fields["intelRdt"] !== undefined) throw invalidParameter(`${what}: intelRdt is not supported`);
  only(what, fields, ["env", "deviceNodes", "mounts", "hooks", "additionalGids"]);
  return {
    env: environment(what, fields["env"]) ?? [],
    deviceNodes: list("deviceNodes", fields["deviceNodes"]).map(deviceNode),
    mounts: list("mounts", fields["mounts"]).map(mount),
    hooks: list("hooks", fields["hooks"]).map(hook),
    additionalGids: list("additionalGids", fields["additionalGids"]).map((gid) => whole("a gid", gid)),
  };
}

function deviceNode(value: unknown): CdiDeviceNode {
  const fields = asObject("a device node", value);
  const known = ["path", "hostPath", "type", "major", "minor", "fileMode", "permissions", "uid", "gid"];
  only("a device node", fields, known);
  const path = absolute("path of a device node", fields["path"]);
  const hostPath = optionalText("hostPath", fields["hostPath"]) || path;
  const type = optionalText("type", fields["type"]) || undefined;
  if (type !== undefined && !/^[bcup]$/.test(type))
    throw invalidParameter(`device ${path}: invalid type ${JSON.stringify(type)}`);
  const permissions = optionalText("permissions", fields["permissions"]) || "rwm";
  if (permissions !== "none" && !/^[rwm]+$/.test(permissions))
    throw invalidParameter(`device ${path}: invalid permissions ${JSON.stringify(permissions)}`);
  return {
    path,
    hostPath: absolute("hostPath of a device node", hostPath),
    // mknod(1) knows "u", unbuffered, as another word for a character device.
    ...(type && { type: type === "u" ? "c" : (type as "b" | "c" | "p") }),
    ...numbers(fields, ["major", "minor", "fileMode", "uid", "gid"]),
    permissions: permissions === "none" ? "" : permissions,
  };
}

function mount(value: unknown): CdiMount {
  const fields = asObject("a mount", value);
  only("a mount", fields, ["hostPath", "containerPath", "options", "type"]);
  const type = optionalText("type", fields["type"]) || "bind";
  const hostPath = optionalText("hostPath of a mount", fields["hostPath"]) ?? "";
  if (hostPath === "") throw invalidParameter("a mount has no hostPath");
  return {
    // The source of another filesystem need not be a path.
    hostPath: type === "bind" ? absolute("hostPath of a mount", hostPath) : hostPath,
    containerPath: absolute("containerPath of a mount", fields["containerPath"]),
    type,
    options: texts("options", fields["options"]) ?? [],
  };
}

function hook(value: unknown): CdiHook {
  const fields = asObject("a hook", value);
  only("a hook", fields, ["hookName", "path", "args", "env", "timeout"]);
  const asked = optionalText("hookName", fields["hookName"]) ?? "";
  const name = HOOK_NAMES.find((known) => known === asked);
  if (!name) throw invalidParameter(`invalid hookName ${JSON.stringify(asked)}`);
  const args = texts("args of a hook", fields["args"]);
  const env = environment(`the hook ${name}`, fields["env"]);
  return {
    name,
    path: absolute(`path of the hook ${name}`, fields["path"]),
    ...(args && { args }),
    ...(env && { env }),
    ...numbers(fields, ["timeout"]),
  };
}

/** As the reference implementation, which refuses what it does not know: a field left out would be a device half given. */
function only(what: string, fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw invalidParameter(`${what} has an unknown field ${JSON.stringify(unknown)}`);
}

const list = (what: string, value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : asList(what, value, MOST);

function optionalText(what: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && !value.includes("\0")) return value;
  throw invalidParameter(`${what} is not a string`);
}

function texts(what: string, value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  return asList(what, value, MOST).map((entry) => optionalText(`an entry of ${what}`, entry) ?? "");
}

function environment(what: string, value: unknown): readonly string[] | undefined {
  const variables = texts(`env of ${what}`, value);
  const bad = variables?.find((variable) => variable.indexOf("=") < 1);
  if (bad !== undefined)
    throw invalidParameter(`${what}: invalid environment variable ${JSON.stringify(bad)}`);
  return variables;
}

function absolute(what: string, value: unknown): string {
  const path = optionalText(what, value) ?? "";
  if (path.startsWith("/")) return path;
  throw invalidParameter(`${what}, ${JSON.stringify(path)}, is not an absolute path`);
}

function whole(what: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return value;
  throw invalidParameter(`${what} is not a whole number: ${JSON.stringify(value)}`);
}

/** Those of the fields that are there. */
function numbers<K extends string>(fields: Fields, names: readonly K[]): Partial<Record<K, number>> {
  const present = names.filter((name) => fields[name] !== undefined && fields[name] !== null);
  return Object.fromEntries(present.map((name) => [name, whole(name, fields[name])])) as Partial<
    Record<K, number>
  >;
}
