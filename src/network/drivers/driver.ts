import type { FirewallNetwork } from "../firewall/firewall.ts";
import type { StoredEndpoint } from "../model/records.ts";
import type { CreateNetwork, NetworkRecord, SandboxRequest } from "../network.ts";

/** Drivers on the kernel answer at once; those in another process take their time. */
export type Awaitable<T> = T | Promise<T>;

/** Where an endpoint is put: the sandbox's namespace file. */
export interface Seat {
  readonly netns: string;
}

/**
 * A kind of network (the D of the container network model). A driver makes interfaces: records, addresses, ports and names
 * are the controller's. A driver across hosts ("overlay") fits in here: `scope` "global", its forwarding tables in
 * `establish` and `attach` (vxlan links and bridge neighbours are in the kernel room).
 */
export interface Driver {
  readonly name: string;
  readonly scope: "local" | "global";
  /** Whether its networks manage addresses and put interfaces into sandboxes. */
  readonly hasInterfaces: boolean;
  /** Whether clients may create networks of it, or only the engine has its one. */
  readonly creatable: boolean;
  /** Refuses options it cannot honour. Throws invalidParameter. */
  check(request: CreateNetwork): void;
  /** Makes the network's part of the host, or completes what is there already, at the start of the engine ("restored"). */
  establish(network: NetworkRecord, how: "made" | "restored"): Awaitable<void>;
  /** Takes it away; fine when it is gone. May be the kernel's work for some time, off this thread. */
  demolish(network: NetworkRecord): Awaitable<void>;
  /** Whether containers on it have a gateway. */
  leadsOut(network: NetworkRecord): boolean;
  /** Families in which nothing would ever use a gateway's address: containers may have it. */
  withoutGateway(network: NetworkRecord): readonly (4 | 6)[];
  /** Prefix of interface names inside sandboxes. */
  interfacePrefix(network: NetworkRecord): string;
  /** Completes an endpoint that has its addresses; undone by `forget`. */
  prepare(network: NetworkRecord, endpoint: StoredEndpoint): Awaitable<StoredEndpoint>;
  forget(network: NetworkRecord, endpointId: string): Awaitable<void>;
  /** Puts the endpoint's interface into the sandbox, with its addresses, up; the endpoint as it is then. */
  attach(network: NetworkRecord, endpoint: StoredEndpoint, seat: Seat): Awaitable<StoredEndpoint>;
  /**
   * Takes the endpoint off the network at once. The interface itself may take the kernel some more milliseconds:
   * `hostInterface` names it until then.
   */
  detach(
    network: NetworkRecord | undefined,
    endpoint: StoredEndpoint,
    seat: Seat | undefined,
  ): Awaitable<void>;
  /** Puts an endpoint that outlived an engine back on its network, if something took it off. */
  reattach(network: NetworkRecord, endpoint: StoredEndpoint): Awaitable<void>;
  /** Lets the endpoint's own frames come back to it, for a container that calls its own published port. */
  reflect(endpoint: StoredEndpoint): void;
  /** The endpoint has the sandbox's default route: it is reached from outside through this network. */
  expose?(network: NetworkRecord, endpoint: StoredEndpoint, request: SandboxRequest): Awaitable<void>;
  /** It has not any more; fine when it never had. */
  conceal?(network: NetworkRecord, endpoint: StoredEndpoint): Awaitable<void>;
  /** What the firewall has to know; undefined for networks it has no part in: their ports cannot be published. */
  firewall(network: NetworkRecord): FirewallNetwork | undefined;
  /** Host address of ports published without one. */
  hostBinding(network: NetworkRecord): string | undefined;
}

/** What most drivers have nothing to do for. */
export const PLAIN = {
  scope: "local",
  leadsOut: ({ internal }: NetworkRecord) => !internal,
  withoutGateway: (): readonly (4 | 6)[] => [],
  interfacePrefix: ({ options }: NetworkRecord) => options[PREFIX] ?? "eth",
  prepare: (_network: NetworkRecord, endpoint: StoredEndpoint) => endpoint,
  forget: () => undefined,
  reattach: () => undefined,
  reflect: () => undefined,
  firewall: () => undefined,
  hostBinding: () => undefined,
} as const;

/** Prefix of interface names, for every kind of network. */
export const PREFIX = "com.docker.network.container_iface_prefix";
