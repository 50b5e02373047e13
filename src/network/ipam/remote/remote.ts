import { systemError } from "../../../base/errors.ts";
import type { Plugin } from "../../../plugin/index.ts";
import type { Database } from "../../../store/index.ts";
import { formatCidr, formatIp, parseCidr } from "../../model/ip.ts";
import type { IpamPool } from "../../network.ts";
import type { Ipam, Lease, PoolRequest } from "../ipam.ts";

/** What plugins gave us, to be given back: they know networks and endpoints only by these ids. */
export const REMOTE_IPAM_TABLES = `
  CREATE TABLE ipam_remote_pools (driver TEXT NOT NULL, network TEXT NOT NULL, pool_id TEXT NOT NULL, subnet TEXT NOT NULL,
    gateway TEXT NOT NULL, PRIMARY KEY (driver, network, pool_id)) STRICT;
  CREATE TABLE ipam_remote_addresses (driver TEXT NOT NULL, pool_id TEXT NOT NULL, ip TEXT NOT NULL, owner TEXT NOT NULL,
    PRIMARY KEY (driver, pool_id, ip)) STRICT;
  CREATE INDEX ipam_remote_addresses_by_owner ON ipam_remote_addresses (driver, owner);`;

export interface RemoteIpamParts {
  readonly name: string;
  readonly plugin: () => Promise<Plugin>;
  readonly database: Database;
}

const GATEWAY = { RequestAddressType: "com.docker.network.gateway" };

interface PoolRow {
  readonly id: string;
  readonly subnet: string;
  readonly gateway: string;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** An address manager in another process (moby: libnetwork/docs/ipam.md). */
export class RemoteIpam implements Ipam {
  readonly #parts: RemoteIpamParts;

  constructor(parts: RemoteIpamParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  async #call(method: string, request: object): Promise<Readonly<Record<string, unknown>>> {
    return (await this.#parts.plugin()).call(`IpamDriver.${method}`, request);
  }

  #run(sql: string, ...values: readonly string[]): void {
    this.#parts.database.prepare(sql).run(...values);
  }

  #rows(sql: string, ...values: readonly string[]): readonly Readonly<Record<string, unknown>>[] {
    return this.#parts.database.prepare(sql).all(...values);
  }

  async requestPools(request: PoolRequest): Promise<readonly IpamPool[]> {
    const { LocalDefaultAddressSpace } = await this.#call("GetDefaultAddressSpaces", {});
    const has = (v6: boolean) => request.pools.some(({ subnet = "" }) => subnet.includes(":") === v6);
    const wanted: readonly (Partial<IpamPool> & { readonly v6?: boolean })[] = [
      ...request.pools,
      ...(request.enableIPv4 && !has(false) ? [{}] : []),
      ...(request.enableIPv6 && !has(true) ? [{ v6: true }] : []),
    ];
    const made: IpamPool[] = [];
    try {
      for (const pool of wanted) made.push(await this.#pool(text(LocalDefaultAddressSpace), request, pool));
    } catch (error) {
      await this.releasePools(request.networkId);
      throw error;
    }
    return made;
  }

  async #pool(
    space: string,
    { networkId, options }: PoolRequest,
    wanted: Partial<IpamPool> & { readonly v6?: boolean },
  ): Promise<IpamPool> {
    const { subnet = "", ipRange = "", auxiliaryAddresses = {} } = wanted;
    const answer = await this.#call("RequestPool", {
      AddressSpace: space,
      Pool: subnet,
      SubPool: ipRange,
      Options: options,
      V6: wanted.v6 ?? subnet.includes(":"),
    });
    const [id, given] = [text(answer["PoolID"]), parseCidr(text(answer["Pool"]))];
    if (id === "" || !given)
      throw systemError(`IPAM plugin ${this.name} answered RequestPool without a pool`);
    const save =
      "INSERT OR REPLACE INTO ipam_remote_pools (driver, network, pool_id, subnet, gateway) VALUES (?, ?, ?, ?, ?)";
    this.#run(save, this.name, networkId, id, formatCidr(given), "");
    const asked = wanted.gateway ?? "";
    const data = answer["Data"] as Readonly<Record<string, unknown>> | null | undefined;
    const told = parseCidr(text(data?.["com.docker.network.gateway"]));
    const gateway = told
      ? formatIp({ family: told.family, value: told.address })
      : (await this.#address(id, gatewayOwner(networkId), asked, GATEWAY)).ip;
    this.#run(save, this.name, networkId, id, formatCidr(given), gateway);
    for (const ip of Object.values(auxiliaryAddresses))
      await this.#address(id, gatewayOwner(networkId), ip, {});
    return {
      subnet: formatCidr(given),
      ...(ipRange && { ipRange }),
      ...(gateway && { gateway }),
      ...(Object.keys(auxiliaryAddresses).length > 0 && { auxiliaryAddresses }),
    };
  }

  async #address(
    poolId: string,
    owner: string,
    wanted: string,
    options: object,
  ): Promise<{ readonly ip: string; readonly prefix: number }> {
    const answer = await this.#call("RequestAddress", { PoolID: poolId, Address: wanted, Options: options });
    if (text(answer["Address"]) === "") return { ip: "", prefix: 0 };
    const given = parseCidr(text(answer["Address"]));
    if (!given)
      throw systemError(`IPAM plugin ${this.name} answered with a bad address: ${text(answer["Address"])}`);
    const ip = formatIp({ family: given.family, value: given.address });
    this.#run(
      "INSERT OR REPLACE INTO ipam_remote_addresses (driver, pool_id, ip, owner) VALUES (?, ?, ?, ?)",
      this.name,
      poolId,
      ip,
      owner,
    );
    return { ip, prefix: given.prefix };
  }

  #pools(networkId: string): readonly PoolRow[] {
    const sql = "SELECT pool_id, subnet, gateway FROM ipam_remote_pools WHERE driver = ? AND network = ?";
    return this.#rows(sql, this.name, networkId).map((row) => ({
      id: String(row["pool_id"]),
      subnet: String(row["subnet"]),
      gateway: String(row["gateway"]),
    }));
  }

  async releasePools(networkId: string): Promise<void> {
    await this.releaseOwner(gatewayOwner(networkId));
    for (const { id } of this.#pools(networkId)) {
      await this.#call("ReleasePool", { PoolID: id });
      this.#run(
        "DELETE FROM ipam_remote_pools WHERE driver = ? AND network = ? AND pool_id = ?",
        this.name,
        networkId,
        id,
      );
    }
  }

  async requestAddress(networkId: string, owner: string, family: 4 | 6, wanted?: string): Promise<Lease> {
    const pools = this.#pools(networkId).filter(({ subnet }) => subnet.includes(":") === (family === 6));
    let refusal: unknown = systemError(`IPAM plugin ${this.name} has no IPv${family} pool for this network`);
    for (const { id, gateway } of pools) {
      try {
        return { ...(await this.#address(id, owner, wanted ?? "", {})), gateway };
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  checkAddress(): void {
    // The plugin is asked when the address is taken.
  }

  async releaseOwner(owner: string): Promise<void> {
    const sql = "SELECT pool_id, ip FROM ipam_remote_addresses WHERE driver = ? AND owner = ?";
    for (const row of this.#rows(sql, this.name, owner)) {
      const [id, ip] = [String(row["pool_id"]), String(row["ip"])];
      await this.#call("ReleaseAddress", { PoolID: id, Address: ip });
      this.#run(
        "DELETE FROM ipam_remote_addresses WHERE driver = ? AND pool_id = ? AND ip = ?",
        this.name,
        id,
        ip,
      );
    }
  }

  owners(): readonly string[] {
    const sql = "SELECT DISTINCT owner FROM ipam_remote_addresses WHERE driver = ?";
    return this.#rows(sql, this.name)
      .map(({ owner }) => String(owner))
      .filter((owner) => !owner.startsWith(NETWORK));
  }
}

/** Gateways and auxiliary addresses belong to the network itself. */
const NETWORK = "network:";
const gatewayOwner = (networkId: string): string => NETWORK + networkId;
