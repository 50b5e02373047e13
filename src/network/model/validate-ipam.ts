import { invalidParameter } from "../../base/errors.ts";
import type { IpamPool } from "../network.ts";
import { type Cidr, contains, formatCidr, overlaps, parseCidr, parseIp } from "./ip.ts";

const masked = (cidr: Cidr & { readonly address: bigint }): boolean => cidr.address === cidr.first;

function rangeErrors(range: string, subnetText: string, subnet: Cidr): readonly string[] {
  if (range === "") return [];
  const cidr = parseCidr(range);
  if (!cidr) return [`invalid ip-range ${range}: invalid CIDR block notation`];
  if (cidr.family !== subnet.family)
    return [`invalid ip-range ${range}: parent subnet is an IPv${subnet.family} block`];
  return [
    ...(cidr.prefix < subnet.prefix
      ? [`invalid ip-range ${range}: CIDR block is bigger than its parent subnet ${subnetText}`]
      : []),
    ...(masked(cidr) ? [] : [`invalid ip-range ${range}: it should be ${formatCidr(cidr)}`]),
    ...(overlaps(subnet, cidr)
      ? []
      : [`invalid ip-range ${range}: parent subnet ${subnetText} doesn't contain ip-range`]),
  ];
}

function addressError(text: string, subnetText: string, subnet: Cidr): string | undefined {
  if (text === "") return undefined;
  const ip = parseIp(text);
  if (!ip) return "invalid address";
  if (ip.family !== subnet.family) return `parent subnet is an IPv${subnet.family} block`;
  return contains(subnet, ip) ? undefined : `parent subnet ${subnetText} doesn't contain this address`;
}

function poolErrors(pool: Partial<IpamPool>, ipv6: boolean): readonly string[] {
  const { subnet: text = "", ipRange = "", gateway = "", auxiliaryAddresses = {} } = pool;
  const subnet = parseCidr(text);
  if (!subnet) return [`invalid subnet ${text}: invalid CIDR block notation`];
  if (subnet.family === 6 && !ipv6) return [];
  const bad = addressError(gateway, text, subnet);
  return [
    ...(masked(subnet) ? [] : [`invalid subnet ${text}: it should be ${formatCidr(subnet)}`]),
    ...rangeErrors(ipRange, text, subnet),
    ...(bad === undefined ? [] : [`invalid gateway ${gateway}: ${bad}`]),
    ...Object.entries(auxiliaryAddresses).flatMap(([name, address]) => {
      const wrong = addressError(address, text, subnet);
      return wrong === undefined ? [] : [`invalid auxiliary address ${name}: ${wrong}`];
    }),
  ];
}

/** Subnets of a network, and names kept in each: more is a mistake, and would keep the engine from its other clients. */
const MOST_POOLS = 512;
const MOST_NAMES = 1024;

function refuseTooMany(pools: readonly Partial<IpamPool>[]): void {
  if (pools.length > MOST_POOLS)
    throw invalidParameter(`invalid network config:\n${pools.length} subnets: there may be ${MOST_POOLS}`);
  const names = pools.reduce((sum, pool) => sum + Object.keys(pool.auxiliaryAddresses ?? {}).length, 0);
  if (names > MOST_NAMES)
    throw invalidParameter(
      `invalid network config:\n${names} auxiliary addresses: there may be ${MOST_NAMES}; an ip-range keeps as many as you like`,
    );
}

/** Refuses pools that mean nothing, all that is wrong at once and in Docker's words. Throws invalidParameter. */
export function validateIpam(pools: readonly Partial<IpamPool>[], ipv6: boolean): void {
  refuseTooMany(pools);
  const errors = pools.flatMap((pool) => poolErrors(pool, ipv6));
  if (errors.length === 0) return;
  const list = errors.length === 1 ? errors[0] : `* ${errors.join("\n* ")}`;
  throw invalidParameter(`invalid network config:\n${list}`);
}
