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
  /** The address handed out last; the search starts behind it, so that one given back is not reused at once. */
  cursor: bigint;
}

/** Network and broadcast address cannot be a host's, except in /31 and /32 (RFC 3021); IPv6 keeps its anycast address. */
function setAside(subnet: Cidr): readonly bigint[] {
  const bits = subnet.family === 4 ? 32 : 128;
  if (bits - subnet.prefix < 2) return [];
  return subnet.family === 4 ? [subnet.first, lastOf(subnet)] : [subnet.first];
}

/** Throws invalidParameter for a range or gateway outside of the subnet, forbidden for an address that is none of a host. */
export function openPool(pool: IpamPool): AddressPool {
  const subnet = requireCidr(pool.subnet, "subnet");
  const range = pool.ipRange ? requireCidr(pool.ipRange, "ip-range") : subnet;
  if (range.prefix < subnet.prefix || !contains(subnet, { family: range.family, value: range.first })) {
    throw invalidParameter(`invalid ip-range ${pool.ipRange}: it is not part of the subnet ${pool.subnet}`);
  }
  const taken = new Set(setAside(subnet));
  const reserve = (text: string, kind: string, what: string) => {
    const ip = requireIp(text, kind);
    if (!contains(subnet, ip)) throw invalidParameter(`no matching subnet for ${kind} ${text}`);
    if (taken.has(ip.value)) throw forbidden(`failed to allocate ${what}: Address already in use`);
    taken.add(ip.value);
  };
  if (pool.gateway) reserve(pool.gateway, "gateway", `gateway (${pool.gateway})`);
  for (const [name, text] of Object.entries(pool.auxiliaryAddresses ?? {}))
    reserve(text, "aux-address", `secondary ip address (${name}:${text})`);
  return { subnet, range, gateway: pool.gateway ?? "", taken, cursor: range.first - 1n };
}

function nextFree({ range, taken, cursor }: AddressPool): bigint | undefined {
  const last = lastOf(range);
  const start = cursor >= range.first && cursor < last ? cursor + 1n : range.first;
  for (let value = start; value <= last; value++) if (!taken.has(value)) return value;
  for (let value = range.first; value < start; value++) if (!taken.has(value)) return value;
  return undefined;
}

/** Takes the next address; undefined when the range is full. */
export function takeNext(pool: AddressPool): string | undefined {
  const value = nextFree(pool);
  if (value === undefined) return undefined;
  pool.taken.add(value);
  pool.cursor = value;
  return formatIp({ family: pool.subnet.family, value });
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
  if (ip) pool.taken.delete(ip.value);
}

/** The gateway when none was asked for: the first address that can be one. */
export function firstHost(subnet: Cidr, range: Cidr): string {
  const value = setAside(subnet).includes(range.first) ? range.first + 1n : range.first;
  return formatIp({ family: subnet.family, value });
}
