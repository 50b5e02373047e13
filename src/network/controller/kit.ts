import type { KeyedQueue } from "../../base/async.ts";
import type { Logger } from "../../base/log.ts";
import type { StartTrace } from "../../base/trace.ts";
import type { Kernel, Links } from "../../kernel/index.ts";
import type { NameServers } from "../dns/name-servers.ts";
import type { Driver } from "../drivers/driver.ts";
import type { Firewall } from "../firewall/firewall.ts";
import type { PredefinedPool } from "../ipam/default/subnets.ts";
import type { Ipam } from "../ipam/ipam.ts";
import type { Registry } from "../model/registry.ts";
import type { OwnPort } from "../portmap/allocation.ts";
import type { PortMap } from "../portmap/port-map.ts";
import type { Announcer } from "../sandbox/announcer.ts";
import type { LinkReaper } from "../sandbox/link-reaper.ts";
import type { Store } from "./store.ts";
import type { Turns } from "./turns.ts";

/** Settings of the room; names as in the daemon's configuration. */
export interface NetworkConfig {
  /** Name of the default bridge; "none": no default bridge network. */
  readonly bridge?: string;
  /** Address and prefix of the default bridge, "172.17.0.1/16". */
  readonly bip?: string | undefined;
  /** Part of the default bridge's subnet from which containers get addresses. */
  readonly fixedCidr?: string | undefined;
  readonly defaultGateway?: string | undefined;
  /** IPv6 on the default bridge; the rest as for IPv4. */
  readonly ipv6?: boolean;
  readonly bip6?: string | undefined;
  readonly fixedCidr6?: string | undefined;
  readonly defaultGateway6?: string | undefined;
  /** Driver options of new networks by driver, beneath those that are asked for. */
  readonly networkOptions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly addressPools?: readonly PredefinedPool[] | undefined;
  readonly mtu?: number;
  readonly icc?: boolean;
  readonly defaultBindIp?: string;
  /** Where the engine itself listens: containers cannot have these. */
  readonly ownPorts?: readonly OwnPort[];
  readonly ipForward?: boolean;
  /** The policy of the FORWARD chain is left alone, also when forwarding had to be switched on. */
  readonly ipForwardNoDrop?: boolean;
  readonly ipMasq?: boolean;
  /** Published ports are reached from outside at the containers' own addresses, too. */
  readonly allowDirectRouting?: boolean;
  readonly iptables?: boolean;
  readonly ip6tables?: boolean;
  readonly firewallBackend?: "iptables" | "nftables";
  /** Connections to the host's loopback are passed on by the engine, not rewritten by the kernel. */
  readonly userlandProxy?: boolean;
  /** What "host-gateway" in --add-host stands for; the default bridge's addresses when there are none. */
  readonly hostGatewayIps?: readonly string[];
}

/** The part of the kernel this room works with. */
export type NetworkKernel = Pick<
  Kernel,
  "netlink" | "namespaces" | "sockets" | "frames" | "redirects" | "sctp" | "conntrack"
>;

/** What the controller's verbs work with. */
export interface Kit {
  readonly kernel: NetworkKernel;
  /** A handle on the engine's own network namespace. */
  readonly host: Links;
  readonly store: Store;
  readonly drivers: Registry<Driver>;
  readonly ipams: Registry<Ipam>;
  readonly firewall: Firewall;
  readonly ports: PortMap;
  readonly names: NameServers;
  readonly reaper: LinkReaper;
  readonly announcer: Announcer;
  /** Keys: a container's id, or "networks" for what changes the list of networks. */
  readonly queue: KeyedQueue;
  readonly turns: Turns;
  /** Ids of networks that are being removed: they take no endpoints any more. */
  readonly closing: Set<string>;
  readonly config: NetworkConfig;
  /** Families whose forwarding on the host this engine has switched on. */
  readonly forwarding: Set<4 | 6>;
  /** Folder of the namespace files. */
  readonly netnsFolder: string;
  readonly log: Logger;
  readonly trace: StartTrace;
}
