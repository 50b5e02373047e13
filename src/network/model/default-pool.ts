import { type Cidr, contains, type Family, formatCidr, formatIp, requireCidr } from "./ip.ts";

/** A subnet with the bridge's address in it. */
export interface SettledPool {
  readonly subnet: string;
  readonly gateway: string;
}

export interface BridgeAddress {
  readonly ip: string;
  readonly prefix: number;
}

type Entry = Cidr & { readonly address: bigint };

const LINK_LOCAL = requireCidr("fe80::/64", "link-local addresses");

const has = (cidr: Cidr, address: bigint): boolean => contains(cidr, { family: cidr.family, value: address });

/** Whether all of `range` is part of the subnet. */
export const isWithin = (subnet: Cidr, range: Cidr): boolean =>
  subnet.family === range.family && has(subnet, range.first) && subnet.prefix <= range.prefix;

/** Of several addresses the one whose subnet has the range, else the first within the range, else the first. */
function choose(entries: readonly Entry[], range: Cidr | undefined): Entry | undefined {
  const [first] = entries;
  if (!first || !range) return first;
  const around = entries.find((entry) => has(entry, range.first));
  return around ?? entries.find(({ address }) => has(range, address)) ?? first;
}

/**
 * The default bridge's subnet by the addresses that its interface has already, as dockerd 28 picks it; undefined when
 * they say nothing. On the engine's own bridge (`own`) `range` (--fixed-cidr) goes before: a subnet without it is given
 * up, one that is smaller grows.
 */
export function poolOfBridge(
  addresses: readonly BridgeAddress[],
  family: Family,
  range: string | undefined,
  own: boolean,
): SettledPool | undefined {
  const wanted = range === undefined ? undefined : requireCidr(range, "fixed-cidr");
  const entries = addresses
    .map(({ ip, prefix }) => requireCidr(`${ip}/${prefix}`, "address of the default bridge"))
    // Those of fe80::/64 are the kernel's own making.
    .filter((entry) => entry.family === family && !(family === 6 && has(LINK_LOCAL, entry.address)));
  const entry = choose(entries, wanted);
  if (!entry) return undefined;
  const gateway = formatIp({ family, value: entry.address });
  if (!own || !wanted || isWithin(entry, wanted)) return { subnet: formatCidr(entry), gateway };
  return has(entry, wanted.first) ? { subnet: formatCidr(wanted), gateway } : undefined;
}
