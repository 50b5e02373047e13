import type { Link, LinkChange, LinkSpec } from "../links.ts";
import { attribute, decodeAttributes, nested, optional } from "./attributes.ts";
import {
  be16,
  concat,
  LITTLE,
  readText,
  readU32,
  requireLength,
  u8,
  u16,
  u32,
  viewOf,
  zeroTerminated,
} from "./bytes.ts";
import { AF, familyOf, ipToBytes, macToBytes, macToText } from "./ip-bytes.ts";
import type { Message } from "./message.ts";

/** Message types of rtnetlink(7). */
export const RTM_LINK = { create: 16, remove: 17, get: 18, set: 19 } as const;

const IFLA = {
  address: 1,
  name: 3,
  mtu: 4,
  link: 5,
  master: 10,
  protinfo: 12,
  info: 18,
  alias: 20,
  netnsFd: 28,
} as const;
const INFO = { kind: 1, data: 2, portKind: 4, portData: 5 } as const;
/** IFLA_BRPORT_STATE and its value BR_STATE_FORWARDING (linux/if_bridge.h). */
const BRIDGE_PORT_STATE = 1;
const FORWARDING = 3;
const VETH_PEER = 1;
const VLAN_ID = 1;
const IPVLAN = { mode: 1, flags: 2 } as const;
const IPVLAN_MODES = { l2: 0, l3: 1, l3s: 2 } as const;
const IPVLAN_FLAGS = { bridge: 0, private: 1, vepa: 2 } as const;
const MACVLAN_MODE = 1;
const MACVLAN_MODES = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;
const VXLAN = { id: 1, group: 2, link: 3, local: 4, learning: 7, port: 15, group6: 16, local6: 17 } as const;
const BRIDGE_PORT_HAIRPIN = 4;
const IFF_UP = 1;
const HEADER = 16;
/** IFNAMSIZ without the terminator. */
const LONGEST_NAME = 15;

/** Descriptors of the namespace files that a request names. */
export type NetnsFds = ReadonlyMap<string, number>;

interface Header {
  readonly family?: number;
  readonly index?: number;
  /** Undefined leaves the flag as it is. */
  readonly up?: boolean;
}

/** struct ifinfomsg */
export function linkHeader({ family = AF.unspecified, index = 0, up }: Header): Uint8Array {
  const bytes = new Uint8Array(HEADER);
  const view = viewOf(bytes);
  view.setUint8(0, family);
  view.setInt32(4, index, LITTLE);
  view.setUint32(8, up ? IFF_UP : 0, LITTLE);
  view.setUint32(12, up === undefined ? 0 : IFF_UP, LITTLE);
  return bytes;
}

/** Refuses what the kernel would cut short or misread (dev_valid_name in the kernel's net/core/dev.c). */
function nameBytes(name: string): Uint8Array {
  const fits = Buffer.byteLength(name) <= LONGEST_NAME && name !== "" && name !== "." && name !== "..";
  if (!fits || /[\s/:\0]/.test(name)) throw new TypeError(`not an interface name: ${JSON.stringify(name)}`);
  return zeroTerminated(name);
}

export const nameAttribute = (name: string): Uint8Array => attribute(IFLA.name, nameBytes(name));

interface Common {
  readonly name?: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly master?: number;
  readonly netns?: string;
  readonly alias?: string;
}

function commonAttributes(common: Common, netns: NetnsFds): readonly Uint8Array[] {
  return [
    ...optional(IFLA.name, common.name, nameBytes),
    ...optional(IFLA.address, common.mac, macToBytes),
    ...optional(IFLA.mtu, common.mtu, u32),
    ...optional(IFLA.master, common.master, u32),
    ...optional(IFLA.alias, common.alias, zeroTerminated),
    ...optional(IFLA.netnsFd, common.netns === undefined ? undefined : netns.get(common.netns), u32),
  ];
}

type Vxlan = Extract<LinkSpec, { kind: "vxlan" }>;

function vxlanData(spec: Vxlan): readonly Uint8Array[] {
  const address = (type4: number, type6: number, ip: string | undefined) =>
    ip === undefined ? [] : [attribute(familyOf(ip) === AF.ipv4 ? type4 : type6, ipToBytes(ip))];
  return [
    attribute(VXLAN.id, u32(spec.vni)),
    ...address(VXLAN.group, VXLAN.group6, spec.group),
    ...address(VXLAN.local, VXLAN.local6, spec.local),
    ...optional(VXLAN.link, spec.parent, u32),
    ...optional(VXLAN.learning, spec.learning, (on) => u8(on ? 1 : 0)),
    // The kernel's default is a port from before IANA gave VXLAN one (RFC 7348: 4789).
    attribute(VXLAN.port, be16(spec.port ?? 4789)),
  ];
}

function kindData(spec: LinkSpec, netns: NetnsFds): readonly Uint8Array[] {
  switch (spec.kind) {
    case "bridge":
    case "dummy":
      return [];
    case "ipvlan":
      return [
        attribute(IPVLAN.mode, u16(IPVLAN_MODES[spec.mode])),
        attribute(IPVLAN.flags, u16(IPVLAN_FLAGS[spec.flag])),
      ];
    case "veth":
      return [attribute(VETH_PEER, concat([linkHeader({}), ...commonAttributes(spec.peer, netns)]))];
    case "macvlan":
      return [attribute(MACVLAN_MODE, u32(MACVLAN_MODES[spec.mode]))];
    case "vlan":
      return [attribute(VLAN_ID, u16(spec.id))];
    case "vxlan":
      return vxlanData(spec);
  }
}

/** The namespace files a request names, for the caller to open. */
export function namespacesOf(spec: LinkSpec | LinkChange): readonly string[] {
  const own = "netns" in spec ? spec.netns : undefined;
  const peer = "peer" in spec ? spec.peer.netns : undefined;
  return [own, peer].filter((path) => path !== undefined);
}

/** Kinds that name the link they hang below in the message itself. */
const BELOW: ReadonlySet<LinkSpec["kind"]> = new Set(["macvlan", "ipvlan", "vlan"]);

/** RTM_NEWLINK. Throws TypeError for a name or address that is none. */
export function encodeLink(spec: LinkSpec, netns: NetnsFds): readonly Uint8Array[] {
  const data = kindData(spec, netns);
  return [
    linkHeader({ ...(spec.up && { up: true }) }),
    ...commonAttributes(spec, netns),
    ...(BELOW.has(spec.kind) && "parent" in spec ? optional(IFLA.link, spec.parent, u32) : []),
    nested(
      IFLA.info,
      attribute(INFO.kind, zeroTerminated(spec.kind)),
      ...(data.length > 0 ? [nested(INFO.data, ...data)] : []),
    ),
  ];
}

/** RTM_NEWLINK for a link that exists; without the bridge port's own settings, which `encodeHairpin` has. */
export function encodeLinkChange(index: number, change: LinkChange, netns: NetnsFds): readonly Uint8Array[] {
  return [linkHeader({ index, up: change.up }), ...commonAttributes(change, netns)];
}

/** RTM_SETLINK in the bridge family. */
export const encodeHairpin = (index: number, on: boolean): readonly Uint8Array[] => [
  linkHeader({ family: AF.bridge, index }),
  nested(IFLA.protinfo, attribute(BRIDGE_PORT_HAIRPIN, u8(on ? 1 : 0))),
];

/** What the link is, and what it does as a port of a bridge. */
function infoOf(info: Uint8Array | undefined): Pick<Link, "kind" | "forwarding"> {
  if (!info) return {};
  const attributes = decodeAttributes(info);
  const [kind, portKind, portData] = [INFO.kind, INFO.portKind, INFO.portData].map((key) =>
    attributes.get(key),
  );
  const isPort = portKind !== undefined && portData !== undefined && readText(portKind) === "bridge";
  const state = isPort ? decodeAttributes(portData).get(BRIDGE_PORT_STATE)?.[0] : undefined;
  return {
    ...(kind && { kind: readText(kind) }),
    ...(state !== undefined && { forwarding: state === FORWARDING }),
  };
}

/** Reads the answer to RTM_GETLINK. Throws NetlinkFormatError. */
export function decodeLink({ payload }: Message): Link {
  requireLength(payload, HEADER, "a link message");
  const view = viewOf(payload);
  const attributes = decodeAttributes(payload.subarray(HEADER));
  const number = (type: number) => {
    const value = attributes.get(type);
    return value && readU32(value);
  };
  const mac = attributes.get(IFLA.address);
  const alias = attributes.get(IFLA.alias);
  const master = number(IFLA.master);
  const parent = number(IFLA.link);
  return {
    index: view.getInt32(4, LITTLE),
    name: readText(attributes.get(IFLA.name) ?? new Uint8Array()),
    ...infoOf(attributes.get(IFLA.info)),
    ...(mac && mac.length > 0 && { mac: macToText(mac) }),
    mtu: number(IFLA.mtu) ?? 0,
    up: (view.getUint32(8, LITTLE) & IFF_UP) !== 0,
    ...(master && { master }),
    ...(parent && { parent }),
    ...(alias && { alias: readText(alias) }),
  };
}
