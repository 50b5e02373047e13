import type { StoredSandbox } from "../model/records.ts";
import type { Endpoint } from "../network.ts";

/** A container as the others on a network see it. */
export interface Member {
  readonly containerId: string;
  readonly containerName: string;
  readonly endpoint: Endpoint;
}

interface Listed {
  readonly names: Map<string, Map<string, Member>>;
  readonly addresses: Map<string, Member>;
}

/** Who answers to which name and address on each network; kept up to date change by change, so that a question costs a look. */
export class Directory {
  readonly #networks = new Map<string, Listed>();

  /** A sandbox was recorded anew, or is gone; only live ones are listed. */
  change(before: StoredSandbox | undefined, after: StoredSandbox | undefined): void {
    if (before?.live) for (const endpoint of before.endpoints) this.#remove(endpoint);
    if (!after?.live) return;
    const { containerId, containerName } = after.request;
    for (const endpoint of after.endpoints) this.#add({ containerId, containerName, endpoint });
  }

  #add(member: Member): void {
    const { networkId, endpointId, dnsNames, ipv4, ipv6 } = member.endpoint;
    const listed = this.#networks.get(networkId) ?? { names: new Map(), addresses: new Map() };
    this.#networks.set(networkId, listed);
    for (const name of dnsNames) {
      const key = name.toLowerCase();
      const sharing = listed.names.get(key) ?? new Map<string, Member>();
      listed.names.set(key, sharing.set(endpointId, member));
    }
    for (const ip of [ipv4, ipv6]) if (ip !== "") listed.addresses.set(ip, member);
  }

  #remove({ networkId, endpointId, dnsNames, ipv4, ipv6 }: Endpoint): void {
    const listed = this.#networks.get(networkId);
    if (!listed) return;
    for (const name of dnsNames) {
      const key = name.toLowerCase();
      const sharing = listed.names.get(key);
      sharing?.delete(endpointId);
      if (sharing?.size === 0) listed.names.delete(key);
    }
    for (const ip of [ipv4, ipv6]) {
      if (listed.addresses.get(ip)?.endpoint.endpointId === endpointId) listed.addresses.delete(ip);
    }
    if (listed.names.size === 0 && listed.addresses.size === 0) this.#networks.delete(networkId);
  }

  /** Those that answer to a name in lower case. */
  named(networkId: string, name: string): readonly Member[] {
    const sharing = this.#networks.get(networkId)?.names.get(name);
    return sharing ? [...sharing.values()] : [];
  }

  at(networkId: string, ip: string): Member | undefined {
    return this.#networks.get(networkId)?.addresses.get(ip);
  }
}
