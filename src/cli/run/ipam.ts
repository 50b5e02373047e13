import { BlockList, isIP } from "node:net";
import type { Ipam, IpamPool } from "../../api/schema/network.ts";

export interface IpamFlags {
  readonly "ipam-driver": string;
  readonly "ipam-opt": Readonly<Record<string, string>>;
  readonly subnet: readonly string[];
  readonly "ip-range": readonly string[];
  readonly gateway: readonly string[];
  readonly "aux-address": Readonly<Record<string, string>>;
}

interface Pool {
  Subnet: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
}

/** Whether a subnet holds an address or another network. */
function holds(subnet: string, address: string): boolean {
  const [network = "", prefix = ""] = subnet.split("/");
  const [host = ""] = address.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  if (isIP(network) === 0 || isIP(host) === 0)
    throw new Error(`invalid CIDR address: ${isIP(host) === 0 ? address : subnet}`);
  if (isIP(network) !== isIP(host)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(host, family);
}

/** Ranges, gateways and reserved addresses belong to the subnet that holds them. */
export function readIpam(flags: IpamFlags): Ipam {
  const pools: Pool[] = [];
  for (const Subnet of flags.subnet) {
    if (pools.some((pool) => holds(pool.Subnet, Subnet) || holds(Subnet, pool.Subnet)))
      throw new Error("multiple overlapping subnet configuration is not supported");
    pools.push({ Subnet });
  }
  const poolOf = (address: string, what: string): Pool => {
    const pool = pools.find(({ Subnet }) => holds(Subnet, address));
    if (pool === undefined) throw new Error(`no matching subnet for ${what} ${address}`);
    return pool;
  };
  checkCounts(flags);
  for (const range of flags["ip-range"]) {
    const pool = poolOf(range, "range");
    if (pool.IPRange)
      throw new Error(
        `cannot configure multiple ranges (${range}, ${pool.IPRange}) on the same subnet (${pool.Subnet})`,
      );
    pool.IPRange = range;
  }
  for (const gateway of flags.gateway) {
    const pool = poolOf(gateway, "gateway");
    if (pool.Gateway)
      throw new Error(
        `cannot configure multiple gateways (${gateway}, ${pool.Gateway}) for the same subnet (${pool.Subnet})`,
      );
    pool.Gateway = gateway;
  }
  for (const [name, address] of Object.entries(flags["aux-address"])) {
    const pool = poolOf(address, "aux-address");
    pool.AuxiliaryAddresses = { ...pool.AuxiliaryAddresses, [name]: address };
  }
  return { Driver: flags["ipam-driver"], Config: pools as readonly IpamPool[], Options: flags["ipam-opt"] };
}

function checkCounts({ subnet, "ip-range": ranges, gateway }: IpamFlags): void {
  if (subnet.length < ranges.length || subnet.length < gateway.length)
    throw new Error("every ip-range or gateway must have a corresponding subnet");
}
