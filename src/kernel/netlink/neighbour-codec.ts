import type { Neighbour } from "../links.ts";
import { attribute, decodeAttributes, optional } from "./attributes.ts";
import { LITTLE, requireLength, viewOf } from "./bytes.ts";
import { AF, familyOf, ipToBytes, ipToText, macToBytes, macToText } from "./ip-bytes.ts";
import type { Message } from "./message.ts";

export const RTM_NEIGHBOUR = { create: 28, remove: 29, get: 30 } as const;

const NDA = { destination: 1, address: 2 } as const;
/** The entry belongs to the device itself (a vxlan), not to the bridge above it. */
const NTF_SELF = 0x2;
const HEADER = 12;
const STATES = [
  ["permanent", 0x80],
  ["noarp", 0x40],
  ["failed", 0x20],
  ["stale", 0x04],
  ["reachable", 0x02],
] as const;

/** struct ndmsg */
function header(family: number, index: number, state: number, flags: number): Uint8Array {
  const bytes = new Uint8Array(HEADER);
  const view = viewOf(bytes);
  view.setUint8(0, family);
  view.setInt32(4, index, LITTLE);
  view.setUint16(8, state, LITTLE);
  view.setUint8(10, flags);
  return bytes;
}

export const anyNeighbour = (family: number): Uint8Array => header(family, 0, 0, 0);

const stateBits = (state: Neighbour["state"]): number => STATES.find(([name]) => name === state)?.[1] ?? 0;
const stateName = (bits: number): Neighbour["state"] => STATES.find(([, bit]) => bits & bit)?.[0] ?? "other";

/** RTM_NEWNEIGH and RTM_DELNEIGH. Throws TypeError for an address that is none, or when an IP neighbour has no IP. */
export function encodeNeighbour(neighbour: Neighbour): readonly Uint8Array[] {
  const { index, ip, mac, state, bridge } = neighbour;
  if (!bridge && ip === undefined)
    throw new TypeError("a neighbour outside the bridge family needs an IP address");
  const family = bridge ? AF.bridge : familyOf(ip!);
  return [
    header(family, index, stateBits(state), bridge ? NTF_SELF : 0),
    ...optional(NDA.destination, ip, ipToBytes),
    attribute(NDA.address, macToBytes(mac)),
  ];
}

/** Reads the answer to RTM_GETNEIGH; undefined for an entry that has no link-layer address. Throws NetlinkFormatError. */
export function decodeNeighbour({ payload }: Message): Neighbour | undefined {
  requireLength(payload, HEADER, "a neighbour message");
  const view = viewOf(payload);
  const attributes = decodeAttributes(payload.subarray(HEADER));
  const mac = attributes.get(NDA.address);
  if (mac?.length !== 6) return undefined;
  const ip = ipToText(attributes.get(NDA.destination));
  return {
    index: view.getInt32(4, LITTLE),
    ...(ip && { ip }),
    mac: macToText(mac),
    state: stateName(view.getUint16(8, LITTLE)),
    ...(payload[0] === AF.bridge && { bridge: true }),
  };
}
