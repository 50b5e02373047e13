import type { FirewallNetwork } from "../firewall/firewall.ts";
import type { StoredEndpoint } from "../model/records.ts";
import type { CreateNetwork, NetworkRecord } from "../network.ts";

/** Where an endpoint is put: the sandbox's namespace file. */
export interface Seat {
  readonly netns: string;
}

/**
 * A kind of network (the D of the container network model). A driver works on the kernel alone: records, addresses,
 * ports and names are the controller's. All calls are synchronous and take milliseconds.
 */
export interface Driver {
  readonly name: string;
  /** Whether its networks manage addresses and put interfaces into sandboxes. */
  readonly hasInterfaces: boolean;
  /** Whether clients may create networks of it, or only the engine has its one. */
  readonly creatable: boolean;
  /** Refuses options it cannot honour. Throws invalidParameter. */
  check(request: CreateNetwork): void;
  /** Makes the network's part of the host, or completes what is there already. */
  establish(network: NetworkRecord): void;
  /** Takes it away; fine when it is gone. May be the kernel's work for some time, off this thread. */
  demolish(network: NetworkRecord): void | Promise<void>;
  /** Prefix of interface names inside sandboxes. */
  interfacePrefix(network: NetworkRecord): string;
  /** Puts the endpoint's interface into the sandbox, with its addresses, up. */
  attach(network: NetworkRecord, endpoint: StoredEndpoint, seat: Seat): void;
  /**
   * Takes the endpoint off the network at once. The interface itself may take the kernel some more milliseconds:
   * `hostInterface` names it until then.
   */
  detach(network: NetworkRecord | undefined, endpoint: StoredEndpoint): void;
  /** Puts an endpoint that outlived an engine back on its network, if something took it off. */
  reattach(network: NetworkRecord, endpoint: StoredEndpoint): void;
  /** Lets the endpoint's own frames come back to it, for a container that calls its own published port. */
  reflect(endpoint: StoredEndpoint): void;
  /** What the firewall has to know; undefined for networks it has no part in. */
  firewall(network: NetworkRecord): FirewallNetwork | undefined;
  /** Host address of ports published without one. */
  hostBinding(network: NetworkRecord): string | undefined;
}
