import type { PortBinding } from "../network.ts";

/**
 * How the ports of a network are reached (Docker's gateway modes): by a port of the host ("nat"), by routing to the
 * container's own address ("routed"), or by a port of the host while everything else may be routed to
 * ("nat-unprotected").
 */
export type GatewayMode = "nat" | "routed" | "nat-unprotected";

/** What the firewall has to know of a bridge network. */
export interface FirewallNetwork {
  readonly bridge: string;
  readonly subnet4: string | undefined;
  readonly subnet6: string | undefined;
  readonly internal: boolean;
  /** Traffic leaving the bridge takes the host's address. */
  readonly masquerade: boolean;
  /** The address it takes; that of the way out when undefined. */
  readonly source4?: string | undefined;
  readonly source6?: string | undefined;
  /** Containers of the network may talk to each other. */
  readonly icc: boolean;
  /** "nat" where absent. */
  readonly mode4?: GatewayMode;
  readonly mode6?: GatewayMode;
  /** Interfaces of the host from which published ports are reached at the containers' own addresses, too. */
  readonly trusted?: readonly string[];
}

/**
 * A published port and the container address behind it, of the same family as `binding.hostIp`. Host port 0: it is
 * reached at the container's own address ("routed").
 */
export interface PublishedPort {
  readonly bridge: string;
  readonly containerIp: string;
  readonly binding: PortBinding;
  /** From where it is reached at the container's own address beside the host's: interfaces, or everywhere outside. */
  readonly direct?: readonly string[] | "everywhere";
}

/** A legacy link: `from` may reach the port of `to` on a bridge whose containers are kept apart. */
export interface LinkedPort {
  readonly bridge: string;
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: PortBinding["protocol"];
}

/** A bridge of the host that this engine has no network for: perhaps another engine's. */
export interface ForeignBridge {
  readonly bridge: string;
  /** Its addresses with prefix lengths. */
  readonly subnets: readonly string[];
}

export interface FirewallChange {
  readonly networks?: readonly FirewallNetwork[];
  readonly ports?: readonly PublishedPort[];
  readonly links?: readonly LinkedPort[];
}

/** Everything that ought to be there. */
export type FirewallState = FirewallChange;

/** A rule in its administrator's words, and what has passed it so far. */
export interface RuleCount {
  readonly rule: string;
  readonly packets: number;
  readonly bytes: number;
}

/**
 * The rules of the host. `add` is all or nothing; `remove` succeeds when the rules are gone, whoever removed them; a rule
 * that was added twice goes with its second removal. Changes are applied in order of their calls.
 */
export interface Firewall {
  readonly name: "iptables" | "nftables" | "none";
  /** The engine's own rules are made to be exactly these; what administrators added elsewhere stays. */
  synchronize(state: FirewallState): Promise<void>;
  add(change: FirewallChange): Promise<void>;
  remove(change: FirewallChange): Promise<void>;
  /**
   * Takes away all that is the engine's: another backend is used from now on. `closed`: the engine had closed the host's
   * other forwarding, which is undone too.
   */
  clear(state: FirewallState, closed: Closed): Promise<void>;
  /**
   * Writes again what somebody has flushed since; true when something was missing. `strict`: rules too many among the
   * engine's own go as well.
   */
  restore(strict?: boolean): Promise<boolean>;
  /** The rules a packet to this port meets, in their order. */
  counters(port: PublishedPort): Promise<readonly RuleCount[]>;
}

/**
 * Whether the engine has switched forwarding of this family on, so that what nobody allows must not be forwarded. A host that
 * forwarded before is somebody's router: its other traffic is not the engine's business.
 */
export type Closed = (family: 4 | 6) => boolean;

/** What the backends have in common. */
export interface FirewallSettings {
  readonly ipv6: boolean;
  readonly closed: Closed;
  /** As they are now: rules of these in the common chains belong to somebody and stay. */
  readonly others: () => readonly ForeignBridge[];
  /** Connections to 127.0.0.1 are rewritten by the kernel; otherwise the engine passes them on. */
  readonly loopback: boolean;
}
