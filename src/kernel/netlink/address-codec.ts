import type { Address } from "../links.ts";
import { attribute, decodeAttributes, optional } from "./attributes.ts";
import { LITTLE, readText, readU32, requireLength, u32, viewOf, zeroTerminated } from "./bytes.ts";
import { familyOf, ipToBytes, ipToText } from "./ip-bytes.ts";
import type { Message } from "./message.ts";

export const RTM_ADDRESS = { create: 20, remove: 21, get: 22 } as const;

const IFA = { address: 1, local: 2, label: 3, broadcast: 4, flags: 8 } as const;
const IFA_F_NODAD = 0x2;
const SCOPE_HOST = 254;
const HEADER = 8;

/** struct ifaddrmsg; all zero it asks for every address. */
function header(family: number, prefix: number, scope: number, index: number): Uint8Array {
  const bytes = Uint8Array.of(family, prefix, 0, scope, 0, 0, 0, 0);
  viewOf(bytes).setUint32(4, index, LITTLE);
  return bytes;
}

export const anyAddress = (): Uint8Array => header(0, 0, 0, 0);

const isLoopback = (ip: string): boolean => ip.startsWith("127.") || ip === "::1";

/** RTM_NEWADDR and RTM_DELADDR. Throws TypeError for an address that is none. */
export function encodeAddress(address: Address): readonly Uint8Array[] {
  const ip = ipToBytes(address.ip);
  return [
    header(familyOf(address.ip), address.prefix, isLoopback(address.ip) ? SCOPE_HOST : 0, address.index),
    attribute(IFA.local, ip),
    attribute(IFA.address, ip),
    ...optional(IFA.broadcast, address.broadcast, ipToBytes),
    ...optional(IFA.label, address.label, zeroTerminated),
    ...(address.nodad ? [attribute(IFA.flags, u32(IFA_F_NODAD))] : []),
  ];
}

/** Reads the answer to RTM_GETADDR; undefined for a family that is not IP. Throws NetlinkFormatError. */
export function decodeAddress({ payload }: Message): Address | undefined {
  requireLength(payload, HEADER, "an address message");
  const attributes = decodeAttributes(payload.subarray(HEADER));
  // On a point-to-point link IFA_ADDRESS is the other end.
  const ip = ipToText(attributes.get(IFA.local) ?? attributes.get(IFA.address));
  if (ip === undefined) return undefined;
  const broadcast = ipToText(attributes.get(IFA.broadcast));
  const label = attributes.get(IFA.label);
  const flags = attributes.get(IFA.flags);
  return {
    index: viewOf(payload).getUint32(4, LITTLE),
    ip,
    prefix: payload[1]!,
    ...(broadcast && { broadcast }),
    ...(label && { label: readText(label) }),
    ...(flags && readU32(flags) & IFA_F_NODAD && { nodad: true }),
  };
}
