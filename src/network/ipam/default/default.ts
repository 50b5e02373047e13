import { forbidden, invalidParameter, unavailable } from "../../../base/errors.ts";
import type { Database } from "../../../store/index.ts";
import {
  byFirst,
  type Cidr,
  contains,
  formatCidr,
  formatIp,
  lastOf,
  overlaps,
  parseCidr,
  requireCidr,
  requireIp,
} from "../../model/ip.ts";
import type { IpamPool } from "../../network.ts";
import type { Ipam, Lease, PoolRequest } from "../ipam.ts";
import { type AddressPool, firstHost, giveBack, openPool, takeNext, takeWanted } from "./address-pool.ts";
import { chooseSubnet, type PredefinedPool, uniqueLocalSubnet } from "./subnets.ts";

export const IPAM_TABLES = `
  CREATE TABLE ipam_pools (network TEXT NOT NULL, position INTEGER NOT NULL, pool TEXT NOT NULL, cursor TEXT,
    PRIMARY KEY (network, position)) STRICT;
  CREATE TABLE ipam_addresses (network TEXT NOT NULL, ip TEXT NOT NULL, owner TEXT NOT NULL,
    PRIMARY KEY (network, ip)) STRICT;
  CREATE INDEX ipam_addresses_by_owner ON ipam_addresses (owner);`;

const NO_ROOM = "no available IPv4 addresses on this network's address pools";

/** Address manager of the engine's own: pools and reservations in memory, written through to the database. */
export class DefaultIpam implements Ipam {
  readonly name = "default";
  readonly #database: Database;
  readonly #predefined: readonly PredefinedPool[];
  readonly #pools = new Map<string, readonly AddressPool[]>();

  constructor(database: Database, predefined: readonly PredefinedPool[]) {
    this.#database = database;
    this.#predefined = predefined;
    this.#load();
  }

  #load(): void {
    const rows = this.#database
      .prepare("SELECT network, pool, cursor FROM ipam_pools ORDER BY network, position")
      .all();
    for (const row of rows) {
      const pool = openPool(JSON.parse(String(row["pool"])) as IpamPool);
      if (row["cursor"] !== null) pool.cursor = requireIp(String(row["cursor"]), "cursor").value;
      const network = String(row["network"]);
      this.#pools.set(network, [...(this.#pools.get(network) ?? []), pool]);
    }
    for (const row of this.#database.prepare("SELECT network, ip FROM ipam_addresses").all()) {
      const ip = requireIp(String(row["ip"]), "address");
      const pools = this.#pools.get(String(row["network"])) ?? [];
      pools.find(({ subnet }) => contains(subnet, ip))?.taken.add(ip.value);
    }
  }

  #inUse(): readonly Cidr[] {
    return [...this.#pools.values()].flat().map(({ subnet }) => subnet);
  }

  requestPools(request: PoolRequest, hostRoutes: readonly string[]): readonly IpamPool[] {
    const asked = this.#withDefaults(request, hostRoutes);
    const complete = asked.map((pool) => completed(pool, request.withoutGateway));
    const opened = complete.map(openPool);
    refuseOverlap(opened, this.#inUse());
    this.#database.transaction(() => {
      const insert = this.#database.prepare(
        "INSERT INTO ipam_pools (network, position, pool) VALUES (?, ?, ?)",
      );
      for (const [position, pool] of complete.entries()) {
        insert.run(request.networkId, position, JSON.stringify(pool));
      }
    });
    this.#pools.set(request.networkId, opened);
    return complete;
  }

  /** Adds a predefined subnet for each family that has none. */
  #withDefaults(
    request: PoolRequest,
    hostRoutes: readonly string[],
  ): readonly (Partial<IpamPool> & { subnet: string })[] {
    const asked = request.pools.map((pool) => {
      if (pool.subnet) return { ...pool, subnet: pool.subnet };
      throw invalidParameter(
        "invalid IPAM config: a gateway, ip-range or aux-address needs the --subnet it belongs to",
      );
    });
    const has = (family: 4 | 6) => asked.some(({ subnet }) => parseCidr(subnet)?.family === family);
    const avoid = [...this.#inUse(), ...hostRoutes.flatMap((text) => parseCidr(text) ?? [])];
    const extra: { subnet: string }[] = [];
    if (request.enableIPv4 && !has(4)) extra.push({ subnet: chooseSubnet(4, this.#predefined, avoid) });
    if (request.enableIPv6 && !has(6)) {
      const pools = this.#predefined.filter(({ base }) => base.includes(":"));
      const subnet = pools.length > 0 ? chooseSubnet(6, pools, avoid) : uniqueLocalSubnet(request.networkId);
      extra.push({ subnet });
    }
    return [...asked, ...extra];
  }

  releasePools(networkId: string): void {
    this.#database.transaction(() => {
      this.#database.prepare("DELETE FROM ipam_pools WHERE network = ?").run(networkId);
      this.#database.prepare("DELETE FROM ipam_addresses WHERE network = ?").run(networkId);
    });
    this.#pools.delete(networkId);
  }

  #poolsOf(networkId: string, family: 4 | 6): readonly AddressPool[] {
    return (this.#pools.get(networkId) ?? []).filter(({ subnet }) => subnet.family === family);
  }

  #poolFor(networkId: string, family: 4 | 6, wanted: string): AddressPool {
    const ip = requireIp(wanted, `IPv${family} address`);
    const pool = this.#poolsOf(networkId, family).find(({ subnet }) => contains(subnet, ip));
    if (pool) return pool;
    throw invalidParameter(`no configured subnet or ip-range contain the IP address ${wanted}`);
  }

  checkAddress(networkId: string, family: 4 | 6, wanted: string): void {
    this.#poolFor(networkId, family, wanted);
  }

  requestAddress(networkId: string, owner: string, family: 4 | 6, wanted?: string): Lease {
    const candidates = wanted ? [this.#poolFor(networkId, family, wanted)] : this.#poolsOf(networkId, family);
    for (const pool of candidates) {
      const ip = wanted ? takeWanted(pool, wanted) : takeNext(pool);
      if (ip === undefined) continue;
      this.#save(networkId, owner, ip, pool);
      return { ip, prefix: pool.subnet.prefix, gateway: pool.gateway };
    }
    throw unavailable(family === 4 ? NO_ROOM : NO_ROOM.replace("IPv4", "IPv6"));
  }

  #save(networkId: string, owner: string, ip: string, pool: AddressPool): void {
    try {
      this.#database.transaction(() => {
        this.#database
          .prepare("INSERT INTO ipam_addresses (network, ip, owner) VALUES (?, ?, ?)")
          .run(networkId, ip, owner);
        const position = this.#pools.get(networkId)?.indexOf(pool) ?? 0;
        const cursor = formatIp({ family: pool.subnet.family, value: pool.cursor });
        this.#database
          .prepare("UPDATE ipam_pools SET cursor = ? WHERE network = ? AND position = ?")
          .run(cursor, networkId, position);
      });
    } catch (error) {
      giveBack(pool, ip);
      throw error;
    }
  }

  owners(): readonly string[] {
    return this.#database
      .prepare("SELECT DISTINCT owner FROM ipam_addresses")
      .all()
      .map((row) => String(row["owner"]));
  }

  releaseOwner(owner: string): void {
    const rows = this.#database.prepare("SELECT network, ip FROM ipam_addresses WHERE owner = ?").all(owner);
    if (rows.length === 0) return;
    this.#database.prepare("DELETE FROM ipam_addresses WHERE owner = ?").run(owner);
    for (const row of rows) {
      const ip = requireIp(String(row["ip"]), "address");
      const pools = this.#pools.get(String(row["network"])) ?? [];
      const pool = pools.find(({ subnet }) => contains(subnet, ip));
      if (pool) giveBack(pool, String(row["ip"]));
    }
  }
}

function completed(
  pool: Partial<IpamPool> & { readonly subnet: string },
  withoutGateway: PoolRequest["withoutGateway"] = [],
): IpamPool {
  const asked = requireCidr(pool.subnet, "subnet");
  if (asked.address !== asked.first) {
    throw invalidParameter(`invalid subnet ${pool.subnet}: it should be ${formatCidr(asked)}`);
  }
  if (!pool.gateway && withoutGateway.includes(asked.family)) return pool;
  const range = pool.ipRange ? requireCidr(pool.ipRange, "ip-range") : asked;
  return { ...pool, gateway: pool.gateway || firstHost(asked, range) };
}

/** In the order of their first addresses a subnet overlaps an earlier one if it begins before that ends. */
function refuseOverlap(opened: readonly AddressPool[], used: readonly Cidr[]): void {
  const wanted = new Set<Cidr>(opened.map(({ subnet }) => subnet));
  let before: { readonly any: Cidr; readonly wanted?: Cidr | undefined } | undefined;
  for (const subnet of [...used, ...wanted].sort(byFirst)) {
    const isWanted = wanted.has(subnet);
    const other = isWanted ? before?.any : before?.wanted;
    if (other && overlaps(other, subnet))
      throw forbidden("invalid pool request: Pool overlaps with other one on this address space");
    before = {
      any: further(before?.any, subnet),
      wanted: isWanted ? further(before?.wanted, subnet) : before?.wanted,
    };
  }
}

const further = (a: Cidr | undefined, b: Cidr): Cidr =>
  a && a.family === b.family && lastOf(a) > lastOf(b) ? a : b;
