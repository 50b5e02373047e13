import { forbidden, invalidParameter } from "../../../base/errors.ts";
import { type Cidr, contains, formatIp, lastOf, parseIp, requireCidr, requireIp } from "../../model/ip.ts";
import type { IpamPool } from "../../network.ts";

/** The addresses of one subnet: which are taken, and where the search for the next one goes on. */
export interface AddressPool {
  readonly subnet: Cidr;
  /** Where free addresses are taken from: the subnet, or its ip-range. */
  readonly range: Cidr;
  readonly gateway: string;
  readonly taken: Set<bigint>;
  /** No address of the range below this one is free: the search for the first free one starts here. */
  floor: bigint;
}

/** Network and broadcast address cannot be a host's, except in /31 and /32 (RFC 3021); IPv6 keeps its anycast address. */
function setAside(subnet: Cidr): readonly bigint[] {
  const bits = subnet.family === 4 ? 32 : 128;
  if (bits - subnet.prefix < 2) return [];
  return subnet.family === 4 ? [subnet.first, lastOf(subnet)] : [subnet.first];
}

/** Throws invalidParameter for a range or gateway outside of the subnet. */
export function openPool(pool: IpamPool): AddressPool {
  const subnet = requireCidr(pool.subnet, "subnet");
  const range = pool.ipRange ? requireCidr(pool.ipRange, "ip-range") : subnet;
  if (range.prefix < subnet.prefix || !contains(subnet, { family: range.family, value: range.first })) {
    throw invalidParameter(`invalid ip-range ${pool.ipRange}: it is not part of the subnet ${pool.subnet}`);
  }
  const taken = new Set(setAside(subnet));
  const reserved = { ...pool.auxiliaryAddresses, ...(pool.gateway && { gateway: pool.gateway }) };
  for (const [name, text] of Object.entries(reserved)) taken.add(inside(subnet, text, name));
  return { subnet, range, gateway: pool.gateway ?? "", taken, floor: range.first };
}

function inside(subnet: Cidr, text: string, name: string): bigint {
  const ip = requireIp(text, name === "gateway" ? "gateway" : `auxiliary address ${name}`);
  if (contains(subnet, ip)) return ip.value;
  throw invalidParameter(`no matching subnet for ${name === "gateway" ? name : "aux-address"} ${text}`);
}

/** Takes the first address that is free; undefined when the range is full. */
export function takeFirst(pool: AddressPool): string | undefined {
  const last = lastOf(pool.range);
  while (pool.floor <= last && pool.taken.has(pool.floor)) pool.floor++;
  if (pool.floor > last) return undefined;
  pool.taken.add(pool.floor);
  return formatIp({ family: pool.subnet.family, value: pool.floor });
}

/** Takes this address. Throws forbidden when it is in use, or cannot be a host's. */
export function takeWanted(pool: AddressPool, wanted: string): string {
  const ip = requireIp(wanted, "IP address");
  if (pool.taken.has(ip.value)) throw forbidden("Address already in use");
  pool.taken.add(ip.value);
  return formatIp(ip);
}

export function giveBack(pool: AddressPool, text: string): void {
  const ip = parseIp(text);
  if (!ip) return;
  pool.taken.delete(ip.value);
  if (ip.value >= pool.range.first && ip.value < pool.floor) pool.floor = ip.value;
}

/** The gateway when none was asked for: the first address that can be one. */
export function firstHost(subnet: Cidr, range: Cidr): string {
  const value = setAside(subnet).includes(range.first) ? range.first + 1n : range.first;
  return formatIp({ family: subnet.family, value });
}
