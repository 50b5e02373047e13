import { parseIp } from "../model/ip.ts";
import { isWildcard } from "../model/names.ts";
import type { PortBinding, PortRequest } from "../network.ts";

type Protocol = PortBinding["protocol"];

/** A TCP port that the engine itself listens on. */
export interface OwnPort {
  readonly ip: string;
  readonly port: number;
}

const familyOf = (ip: string): 4 | 6 => parseIp(ip)?.family ?? 4;

/** Host ports in use by sandboxes of this engine. A wildcard address collides with every address of its family. */
export class PortTable {
  readonly #taken = new Map<string, Set<string>>();
  readonly #own: readonly OwnPort[];
  #cursor = 0;

  constructor(own: readonly OwnPort[] = []) {
    this.#own = own;
  }

  isFree(hostIp: string, port: number, protocol: Protocol): boolean {
    const own = protocol === "tcp" ? this.#own.filter((its) => its.port === port).map(({ ip }) => ip) : [];
    const holders = [...(this.#taken.get(`${port}/${protocol}`) ?? []), ...own];
    const sameFamily = holders.filter((ip) => familyOf(ip) === familyOf(hostIp));
    if (isWildcard(hostIp)) return sameFamily.length === 0;
    return !sameFamily.some((ip) => ip === hostIp || isWildcard(ip));
  }

  take(hostIp: string, port: number, protocol: Protocol): void {
    const key = `${port}/${protocol}`;
    const holders = this.#taken.get(key) ?? new Set();
    this.#taken.set(key, holders.add(hostIp));
  }

  release({ hostIp, hostPort, protocol }: Pick<PortBinding, "hostIp" | "hostPort" | "protocol">): void {
    const key = `${hostPort}/${protocol}`;
    const holders = this.#taken.get(key);
    holders?.delete(hostIp);
    if (holders?.size === 0) this.#taken.delete(key);
  }

  /** Ports worth trying: the range asked for in order, or the ephemeral one from where the last search ended. */
  *candidates(
    { hostPort, hostPortEnd }: PortRequest,
    ephemeral: readonly [number, number],
  ): Generator<number> {
    if (hostPort !== 0) {
      for (let port = hostPort; port <= Math.max(hostPort, hostPortEnd); port++) yield port;
      return;
    }
    const [first, last] = ephemeral;
    for (let tries = 0; tries <= last - first; tries++) {
      const next = this.#cursor >= first && this.#cursor < last ? this.#cursor + 1 : first;
      this.#cursor = next;
      yield next;
    }
  }
}

/**
 * The host addresses of a request: what was asked for, else the network's default. A wildcard of IPv4 that nobody asked
 * for stands for both families, as `-p 80:80` does.
 */
export function hostAddresses({ hostIp }: PortRequest, fallback: string): readonly string[] {
  if (hostIp !== "") return [hostIp];
  return fallback === "0.0.0.0" ? ["0.0.0.0", "::"] : [fallback];
}

/** "0.0.0.0:80", "[::]:80" */
export const showAddress = (ip: string, port: number): string =>
  ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
