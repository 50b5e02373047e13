import { invalidParameter } from "../../../base/errors.ts";
import { byFirst, type Cidr, formatCidr, lastOf, overlaps, requireCidr } from "../../model/ip.ts";

export interface PredefinedPool {
  readonly base: string;
  /** Prefix length of the subnets cut from the base. */
  readonly size: number;
}

/** Docker's own (docs.docker.com, "default-address-pools"): 172.17 to 172.31 as /16, then 192.168 in pieces of /20. */
export const DEFAULT_POOLS: readonly PredefinedPool[] = [
  { base: "172.17.0.0/16", size: 16 },
  { base: "172.18.0.0/16", size: 16 },
  { base: "172.19.0.0/16", size: 16 },
  { base: "172.20.0.0/14", size: 16 },
  { base: "172.24.0.0/14", size: 16 },
  { base: "172.28.0.0/14", size: 16 },
  { base: "192.168.0.0/16", size: 20 },
];

/** The lowest subnet of `base` that overlaps nothing; what is in the way is gone through once. */
function freeSubnet(base: Cidr, size: number, avoid: readonly Cidr[]): Cidr | undefined {
  const step = 1n << BigInt((base.family === 4 ? 32 : 128) - size);
  let first = base.first;
  for (const obstacle of avoid.filter((cidr) => overlaps(cidr, base)).toSorted(byFirst)) {
    if (obstacle.first >= first + step) break;
    const behind = lastOf(obstacle) + 1n;
    if (behind > first) first = ((behind - base.first + step - 1n) / step) * step + base.first;
  }
  return first <= lastOf(base) ? { family: base.family, first, prefix: size } : undefined;
}

/** The first free predefined subnet. Throws invalidParameter when none is left. */
export function chooseSubnet(
  family: 4 | 6,
  pools: readonly PredefinedPool[],
  avoid: readonly Cidr[],
): string {
  for (const { base: text, size } of pools) {
    const base = requireCidr(text, "default address pool");
    if (base.family !== family || size < base.prefix) continue;
    const free = freeSubnet(base, size, avoid);
    if (free) return formatCidr(free);
  }
  throw invalidParameter(
    "all predefined address pools have been fully subnetted: name a --subnet, or add a default-address-pool",
  );
}

/** A unique local prefix (RFC 4193) derived from the network's id: no pool has to be configured for IPv6. */
export const uniqueLocalSubnet = (networkId: string): string => {
  const digits = networkId.slice(0, 14);
  const groups = [`fd${digits.slice(0, 2)}`, digits.slice(2, 6), digits.slice(6, 10), digits.slice(10, 14)];
  return formatCidr(requireCidr(`${groups.join(":")}::/64`, "subnet"));
};
