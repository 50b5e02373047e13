/** A network interface as RTM_GETLINK tells it (rtnetlink(7)). */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** "bridge", "veth", "macvlan", "vxlan", ...; undefined for lo and physical ones. */
  readonly kind?: string;
  /** Lower-case, colon separated. */
  readonly mac?: string;
  readonly mtu: number;
  readonly up: boolean;
  /** Index of the bridge this link is a port of. */
  readonly master?: number;
  /** Whether the bridge it is a port of passes its frames on already: some time after the link is up. */
  readonly forwarding?: boolean;
  /** Index of the peer or lower link (IFLA_LINK), possibly in another namespace. */
  readonly parent?: number;
  /** What somebody has noted about it (`ip link set ... alias`). */
  readonly alias?: string;
}

interface CommonLinkSpec {
  readonly name: string;
  readonly mac?: string;
  readonly mtu?: number;
  /** Index of the bridge to join. */
  readonly master?: number;
  /** Created already up (a veth peer cannot be: set it up afterwards). */
  readonly up?: boolean;
}

export type LinkSpec = CommonLinkSpec &
  (
    | { readonly kind: "bridge" }
    | { readonly kind: "dummy" }
    /** `peer.netns`: path of the network namespace file the peer is born in. */
    | {
        readonly kind: "veth";
        readonly peer: {
          readonly name: string;
          readonly mac?: string;
          readonly mtu?: number;
          readonly netns?: string;
        };
      }
    | {
        readonly kind: "macvlan";
        readonly parent: number;
        readonly mode: "private" | "vepa" | "bridge" | "passthru";
        readonly netns?: string;
      }
    | {
        readonly kind: "ipvlan";
        readonly parent: number;
        readonly mode: "l2" | "l3" | "l3s";
        readonly flag: "bridge" | "private" | "vepa";
        readonly netns?: string;
      }
    /** The part of `parent` with this tag (802.1q). */
    | { readonly kind: "vlan"; readonly parent: number; readonly id: number }
    | {
        readonly kind: "vxlan";
        readonly vni: number;
        readonly port?: number;
        readonly local?: string;
        readonly group?: string;
        readonly parent?: number;
        readonly learning?: boolean;
      }
  );

export interface LinkChange {
  readonly name?: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly up?: boolean;
  /** 0 leaves the bridge. */
  readonly master?: number;
  /** Moves the link into this network namespace. */
  readonly netns?: string;
  readonly alias?: string;
  /** Bridge port only: frames may leave by the port they came from (hairpin). */
  readonly hairpin?: boolean;
}

export interface Address {
  readonly index: number;
  /** Without prefix length: "172.17.0.1", "fd00::1". */
  readonly ip: string;
  readonly prefix: number;
  readonly broadcast?: string;
  readonly label?: string;
  /** IPv6: skip duplicate address detection (IFA_F_NODAD), so that the address is usable at once. */
  readonly nodad?: boolean;
}

export interface Route {
  readonly family: 4 | 6;
  /** "10.0.0.0/8", or "default". */
  readonly destination: string;
  readonly gateway?: string;
  readonly index?: number;
  readonly metric?: number;
  readonly scope?: "global" | "link" | "host";
  /** Preferred source address. */
  readonly source?: string;
  readonly table?: number;
}

export interface Neighbour {
  readonly index: number;
  readonly ip?: string;
  readonly mac: string;
  /** "permanent" survives; a vxlan forwarding entry has family bridge. */
  readonly state: "permanent" | "reachable" | "stale" | "noarp" | "failed" | "other";
  readonly bridge?: boolean;
}

/**
 * rtnetlink of one network namespace. The socket stays in the namespace in which it was opened, so a handle needs no
 * further switching. Synchronous: a request is answered within its send (0.1 - 0.7 ms). Throws KernelError.
 */
export interface Links extends Disposable {
  list(): readonly Link[];
  /** By name or index; undefined when there is none. */
  find(link: string | number): Link | undefined;
  add(spec: LinkSpec): Link;
  change(index: number, change: LinkChange): void;
  /** Takes the kernel 15 to 30 ms (it waits until no packet can still be on its way). */
  remove(index: number): void;
  /** As `remove`, without holding up the thread. */
  removeLater(index: number): Promise<void>;

  addresses(index?: number): readonly Address[];
  addAddress(address: Address): void;
  removeAddress(address: Address): void;

  routes(family?: 4 | 6): readonly Route[];
  addRoute(route: Route): void;
  removeRoute(route: Route): void;

  neighbours(index?: number): readonly Neighbour[];
  addNeighbour(neighbour: Neighbour): void;
  removeNeighbour(neighbour: Neighbour): void;
}

export interface Netlink {
  /** A handle on the calling namespace, or on that of `netns` (path of its file). */
  open(netns?: string): Links;
}
