import type { PortBinding } from "../network.ts";

/** What the firewall has to know of a bridge network. */
export interface FirewallNetwork {
  readonly bridge: string;
  readonly subnet4: string | undefined;
  readonly subnet6: string | undefined;
  readonly internal: boolean;
  /** Traffic leaving the bridge takes the host's address. */
  readonly masquerade: boolean;
  /** Containers of the network may talk to each other. */
  readonly icc: boolean;
}

/** A published port and the container address behind it, of the same family as `binding.hostIp`. */
export interface PublishedPort {
  readonly bridge: string;
  readonly containerIp: string;
  readonly binding: PortBinding;
}

/** A bridge of the host that this engine has no network for: perhaps another engine's. */
export interface ForeignBridge {
  readonly bridge: string;
  /** Its addresses with prefix lengths. */
  readonly subnets: readonly string[];
}

/** Everything that ought to be there. */
export interface FirewallState {
  readonly networks: readonly FirewallNetwork[];
  readonly ports: readonly PublishedPort[];
  /** Rules of these in the common chains belong to somebody and stay. */
  readonly others: readonly ForeignBridge[];
}

export interface FirewallChange {
  readonly networks?: readonly FirewallNetwork[];
  readonly ports?: readonly PublishedPort[];
}

/**
 * The rules of the host. `add` is all or nothing; `remove` succeeds when the rules are gone, whoever removed them.
 * Changes are applied in order of their calls.
 */
export interface Firewall {
  readonly name: string;
  /** The engine's own rules are made to be exactly these; what administrators added elsewhere stays. */
  synchronize(state: FirewallState): Promise<void>;
  add(change: FirewallChange): Promise<void>;
  remove(change: FirewallChange): Promise<void>;
}
