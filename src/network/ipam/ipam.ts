import type { Awaitable } from "../drivers/driver.ts";
import type { IpamPool } from "../network.ts";

/** What a network wants of its address manager; complete pools come back. */
export interface PoolRequest {
  readonly networkId: string;
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  readonly pools: readonly Partial<IpamPool>[];
  readonly options: Readonly<Record<string, string>>;
  /** Families whose pools keep no address for a gateway, unless one is asked for. */
  readonly withoutGateway?: readonly (4 | 6)[];
}

export interface Lease {
  readonly ip: string;
  readonly prefix: number;
  readonly gateway: string;
}

/**
 * An address manager: hands out subnets to networks and addresses to endpoints, and remembers both over restarts.
 * The engine's own answers at once; one in another process takes its time.
 */
export interface Ipam {
  readonly name: string;
  /**
   * Reserves subnets for a network and returns them with their gateways. Throws forbidden for an overlap,
   * invalidParameter for bad or exhausted pools.
   */
  requestPools(request: PoolRequest, hostRoutes: readonly string[]): Awaitable<readonly IpamPool[]>;
  releasePools(networkId: string): Awaitable<void>;
  /** An address of the family for `owner`; `wanted` or the next free one. Throws conflict, forbidden, invalidParameter. */
  requestAddress(networkId: string, owner: string, family: 4 | 6, wanted?: string): Awaitable<Lease>;
  /** Refuses a wanted address that no pool could give, without reserving anything. */
  checkAddress(networkId: string, family: 4 | 6, wanted: string): void;
  /** Gives back everything of an owner; fine when there is nothing. */
  releaseOwner(owner: string): Awaitable<void>;
  /** Everybody who holds an address; whoever is not known any more is released at start. */
  owners(): readonly string[];
}
