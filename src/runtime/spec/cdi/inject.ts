import { messageOf, systemError } from "../../../base/errors.ts";
import type { DeviceLookup } from "../devices.ts";
import type { OciDevice, OciDeviceRule, OciHook, OciHooks, OciMount, OciSpec, OciUser } from "../oci-spec.ts";
import { type CdiDeviceNode, type CdiEdits, type CdiHook, joinEdits } from "./cdi-spec.ts";
import type { CdiInventory } from "./inventory.ts";

/**
 * The spec with what the named devices need. Pure, but for the host's devices, which `lookup` finds. Of a vendor's file the
 * edits for all its devices come once, before those of its first device. Throws in Docker's words.
 */
export function injectDevices(
  spec: OciSpec,
  names: readonly string[],
  { devices, errors }: CdiInventory,
  lookup: DeviceLookup,
): OciSpec {
  if (names.length === 0) return spec;
  const missing = names.filter((name) => !devices.has(name));
  if (missing.length > 0) {
    const causes = errors.map(({ path, message }) => `; ${path}: ${message}`).join("");
    throw systemError(`CDI device injection failed: unresolvable CDI devices ${missing.join(", ")}${causes}`);
  }
  const found = names.flatMap((name) => devices.get(name) ?? []);
  const edits = found.flatMap(({ spec: from, device }, at) =>
    found.findIndex((other) => other.spec === from) === at ? [from.edits, device.edits] : [device.edits],
  );
  try {
    return applyEdits(spec, joinEdits(edits), lookup);
  } catch (error) {
    throw systemError(`CDI device injection failed: failed to inject devices: ${messageOf(error)}`, error);
  }
}

function applyEdits(spec: OciSpec, edits: CdiEdits, lookup: DeviceLookup): OciSpec {
  const { process, linux } = spec;
  const nodes = edits.deviceNodes.map((node) => ({ node, device: deviceOf(node, process?.user, lookup) }));
  const hooks = withHooks(spec.hooks ?? {}, edits.hooks);
  return {
    ...spec,
    ...(process && {
      process: {
        ...process,
        env: withVariables(process.env, edits.env),
        user: withGroups(process.user, edits.additionalGids),
      },
    }),
    mounts: withMounts(spec.mounts ?? [], edits),
    ...(Object.keys(hooks).length > 0 && { hooks }),
    ...(linux && {
      linux: {
        ...linux,
        devices: lastOfEach([...(linux.devices ?? []), ...nodes.map(({ device }) => device)]),
        resources: {
          ...linux.resources,
          devices: [...(linux.resources?.devices ?? []), ...nodes.flatMap(ruleOf)],
        },
      },
    }),
  };
}

/** A variable that is there already gets its new value where it stands. */
function withVariables(env: readonly string[], added: readonly string[]): readonly string[] {
  const nameOf = (variable: string) => variable.slice(0, variable.indexOf("="));
  const variables = new Map(env.map((variable) => [nameOf(variable), variable]));
  for (const variable of added) variables.set(nameOf(variable), variable);
  return [...variables.values()];
}

/** Root's group would be more than a device needs. */
function withGroups(user: OciUser, gids: readonly number[]): OciUser {
  const all = new Set([...(user.additionalGids ?? []), ...gids.filter((gid) => gid !== 0)]);
  return all.size > 0 ? { ...user, additionalGids: [...all] } : user;
}

const depth = ({ destination }: OciMount): number => destination.split("/").filter(Boolean).length;

/** A mount takes the place of another at its path; outer ones come before those inside them. */
function withMounts(mounts: readonly OciMount[], { mounts: added }: CdiEdits): readonly OciMount[] {
  if (added.length === 0) return mounts;
  const own = added.map(({ hostPath, containerPath, type, options }) => ({
    destination: containerPath,
    source: hostPath,
    type,
    options:
      type === "bind" && !options.some((option) => /^r?bind$/.test(option)) ? [...options, "rbind"] : options,
  }));
  const byPath = new Map([...mounts, ...own].map((mount) => [mount.destination, mount]));
  return [...byPath.values()].toSorted((one, other) => depth(one) - depth(other));
}

const lastOfEach = (devices: readonly OciDevice[]): readonly OciDevice[] => [
  ...new Map(devices.map((device) => [device.path, device])).values(),
];

/** As on the host, where the vendor does not say otherwise; it belongs to the container's user. */
function deviceOf(node: CdiDeviceNode, user: OciUser | undefined, lookup: DeviceLookup): OciDevice {
  const { path, hostPath, type, major, minor, fileMode } = node;
  const isComplete = type !== undefined && (type === "p" || major !== undefined);
  const host = isComplete ? undefined : lookup.at(hostPath).find((device) => device.path === hostPath);
  if (!isComplete && !host) throw systemError(`CDI host device "${hostPath}" is not a device node`);
  if (host && type !== undefined && host.type !== type)
    throw systemError(`CDI device ("${path}", "${hostPath}"), host type mismatch (${type}, ${host.type})`);
  const uid = node.uid ?? (user?.uid || undefined);
  const gid = node.gid ?? (user?.gid || undefined);
  return {
    path,
    type: type ?? host?.type ?? "c",
    major: major ?? host?.major ?? 0,
    minor: minor ?? host?.minor ?? 0,
    ...(fileMode === undefined ? {} : { fileMode }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  };
}

interface Injected {
  readonly node: CdiDeviceNode;
  readonly device: OciDevice;
}

function ruleOf({
  node: { permissions },
  device: { type, major, minor },
}: Injected): readonly OciDeviceRule[] {
  if (type === "p" || permissions === "") return [];
  return [{ allow: true, type, major, minor, access: permissions }];
}

function withHooks(hooks: OciHooks, added: readonly CdiHook[]): OciHooks {
  const all: Record<string, readonly OciHook[]> = { ...hooks };
  for (const { name, ...hook } of added) all[name] = [...(all[name] ?? []), hook];
  return all;
}
