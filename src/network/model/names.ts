import { randomBytes } from "node:crypto";
import { parseIp } from "./ip.ts";

/** Docker's form of a locally administered MAC: 02:42 and the four bytes of the address, so that it is foreseeable. */
export function macOfIpv4(ip: string): string {
  const bytes = ip.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return `02:42:${bytes.join(":")}`;
}

/** A locally administered unicast MAC for an endpoint without an IPv4 address. */
export function randomMac(): string {
  const bytes = [0x02, 0x42, ...randomBytes(4)];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** Host side of a container's veth pair: at most 15 characters (IFNAMSIZ). */
export const newVethName = (): string => `veth${randomBytes(4).toString("hex").slice(0, 7)}`;

export const bridgeNameOf = (networkId: string): string => `br-${networkId.slice(0, 12)}`;

export function isMac(text: string): boolean {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return false;
  return (Number.parseInt(text.slice(0, 2), 16) & 1) === 0;
}

/** Any address of the family: a binding to it is reachable by all addresses of the host. */
export const isWildcard = (ip: string): boolean => parseIp(ip)?.value === 0n;
