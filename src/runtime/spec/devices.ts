import { invalidParameter } from "../../base/errors.ts";
import type { HostDocument } from "./input.ts";
import type { OciDevice, OciDeviceRule } from "./oci-spec.ts";

/** How the host's devices are looked up: the one thing about the spec that is no pure function of its input. */
export interface DeviceLookup {
  /** The device behind a path (links followed), or all below it if it is a folder. Throws when there is none. */
  at(path: string): readonly OciDevice[];
  /** Every device a privileged container sees. */
  all(): readonly OciDevice[];
}

const allow = (major: number, minor: number): OciDeviceRule => ({
  allow: true,
  type: "c",
  major,
  minor,
  access: "rwm",
});

/** Docker's list: nothing, then null, zero, full, random, urandom, tty, console; fuse is named to be refused. */
const DEFAULT_RULES: readonly OciDeviceRule[] = [
  { allow: false, access: "rwm" },
  allow(1, 5),
  allow(1, 3),
  allow(1, 9),
  allow(1, 8),
  allow(5, 0),
  allow(5, 1),
  { allow: false, type: "c", major: 10, minor: 229, access: "rwm" },
];

const RULE = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/;

function rule(text: string): OciDeviceRule {
  const [, type, major, minor, access] = RULE.exec(text) ?? [];
  if (!type) throw invalidParameter(`invalid device cgroup rule format: '${text}'`);
  return {
    allow: true,
    type: type as "a" | "b" | "c",
    ...(major !== "*" && { major: Number(major) }),
    ...(minor !== "*" && { minor: Number(minor) }),
    access,
  };
}

interface Grant {
  readonly devices: readonly OciDevice[];
  readonly rules: readonly OciDeviceRule[];
}

function mapped({ Devices }: HostDocument, lookup: DeviceLookup): Grant {
  const granted = (Devices ?? []).flatMap(({ PathOnHost, PathInContainer, CgroupPermissions: access }) => {
    if (!/^[rwm]{1,3}$/.test(access)) throw invalidParameter(`invalid device mode: ${access}`);
    const target = PathInContainer || PathOnHost;
    return lookup.at(PathOnHost).map((device) => ({
      // Of a folder, each device keeps its place below it.
      device: { ...device, path: device.path.replace(PathOnHost, () => target) },
      access,
    }));
  });
  return {
    devices: granted.map(({ device }) => device),
    rules: granted
      .filter(({ device }) => device.type !== "p")
      .map(({ device: { type, major, minor }, access }) => ({
        allow: true,
        type: type === "b" ? "b" : "c",
        major,
        minor,
        access,
      })),
  };
}

/** Device nodes in the container and who may use what. */
export function deviceGrant(host: HostDocument, lookup: DeviceLookup): Grant {
  if (host.Privileged) {
    // Named ones may have another name inside, so they come on top of all there are.
    const named = mapped(host, lookup).devices;
    const paths = new Set(named.map(({ path }) => path));
    const others = lookup.all().filter(({ path }) => !paths.has(path));
    return { devices: [...others, ...named], rules: [{ allow: true, access: "rwm" }] };
  }
  const { devices, rules } = mapped(host, lookup);
  return { devices, rules: [...DEFAULT_RULES, ...rules, ...(host.DeviceCgroupRules ?? []).map(rule)] };
}
