import type { Explanation } from "./model/explanation.ts";

export type * from "./model/explanation.ts";

/** Docker's EndpointSettings as a client asks for them; field names as on the wire. */
export interface EndpointRequest {
  readonly IPAMConfig?: {
    readonly IPv4Address?: string;
    readonly IPv6Address?: string;
    readonly LinkLocalIPs?: readonly string[] | null;
  } | null;
  readonly Links?: readonly string[] | null;
  readonly Aliases?: readonly string[] | null;
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
  readonly MacAddress?: string;
  readonly GwPriority?: number;
}

/** An endpoint as it came to be. Empty strings where there is none, as Docker shows it. */
export interface Endpoint {
  readonly networkId: string;
  readonly networkName: string;
  readonly endpointId: string;
  readonly request: EndpointRequest;
  readonly macAddress: string;
  readonly ipv4: string;
  readonly ipv4Prefix: number;
  readonly gateway: string;
  readonly ipv6: string;
  readonly ipv6Prefix: number;
  readonly gateway6: string;
  readonly dnsNames: readonly string[];
}

/** "80/tcp" and where it is reachable on the host. Port 0 in a request: any free one of the ephemeral range. */
export interface PortBinding {
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp" | "sctp";
}

export interface PortRequest {
  readonly hostIp: string;
  /** First and last of the acceptable range; both 0 for any. */
  readonly hostPort: number;
  readonly hostPortEnd: number;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp" | "sctp";
}

export interface SandboxLink {
  readonly containerId: string;
  readonly alias: string;
}

export interface SandboxRequest {
  readonly containerId: string;
  readonly containerName: string;
  readonly hostname: string;
  readonly domainname: string;
  /** "none", "host", or networks by name or id with what is asked of each. */
  readonly mode: "none" | "host" | { readonly networks: Readonly<Record<string, EndpointRequest>> };
  readonly ports: readonly PortRequest[];
  /** Ports that legacy links open. */
  readonly exposed?: readonly { readonly port: number; readonly protocol: PortBinding["protocol"] }[];
  readonly dns: {
    readonly servers: readonly string[];
    readonly search: readonly string[];
    readonly options: readonly string[];
  };
  /** Legacy links: containers on the default bridge that are to be found under an alias. */
  readonly links?: readonly SandboxLink[];
  /** "name:ip", ip may be "host-gateway". */
  readonly extraHosts: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** Folder (on disk, the container's own) for hosts, resolv.conf, hostname. */
  readonly filesFolder: string;
}

/** A container's network: a namespace and what is in it. */
export interface Sandbox {
  readonly id: string;
  /** Namespace file (SandboxKey), a usable netns path; undefined for host mode. */
  readonly netns: string | undefined;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly PortBinding[];
  /** Files to bind at /etc/hosts, /etc/resolv.conf, /etc/hostname. */
  readonly files: { readonly hosts: string; readonly resolvConf: string; readonly hostname: string };
}

/** Docker's Network object, as stored. */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly scope: "local";
  readonly created: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  /** Holds settings for others and is no network itself. */
  readonly configOnly?: boolean;
  /** Name of the network whose settings it took. */
  readonly configFrom?: string;
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  readonly ipam: {
    readonly driver: string;
    readonly options: Readonly<Record<string, string>> | null;
    readonly config: readonly IpamPool[];
  };
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface IpamPool {
  readonly subnet: string;
  readonly ipRange?: string;
  readonly gateway?: string;
  readonly auxiliaryAddresses?: Readonly<Record<string, string>>;
}

export interface CreateNetwork {
  readonly name: string;
  readonly configOnly?: boolean;
  readonly configFrom?: string;
  readonly driver?: string;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly enableIPv4?: boolean;
  readonly enableIPv6?: boolean;
  readonly ipam?: {
    readonly driver?: string;
    readonly options?: Readonly<Record<string, string>> | null;
    readonly config?: readonly Partial<IpamPool>[];
  };
  readonly options?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The controller of the container network model: sandboxes, endpoints, networks. */
export interface Networks {
  /**
   * Makes kernel and records agree: default networks (bridge, host, none), their bridges and rules; sandboxes of
   * `running` containers are kept with their addresses, ports and rules, all others' traces are removed. By its process a
   * container's namespace is found again if somebody unmounted its file.
   */
  recover(running: ReadonlySet<string>, pidOf?: (containerId: string) => number | undefined): Promise<void>;
  list(): readonly NetworkRecord[];
  /** By name, id or unique id prefix. Throws notFound "network x not found". */
  resolve(reference: string): NetworkRecord;
  create(request: CreateNetwork): Promise<NetworkRecord>;
  remove(reference: string): Promise<NetworkRecord>;
  /** Endpoints of a network now in use. */
  endpoints(
    networkId: string,
  ): readonly (Endpoint & { readonly containerId: string; readonly containerName: string })[];

  /** Refuses what can be refused before anything is touched (unknown network, bad address, conflicting options). */
  check(request: SandboxRequest): void;
  /** Refuses what may not be asked of a network, whether it exists yet or not. Throws invalidParameter. */
  checkSettings(reference: string, request: EndpointRequest): void;
  /** Namespace, endpoints, ports, firewall, files. All or nothing. */
  setUp(request: SandboxRequest): Promise<Sandbox>;
  sandbox(containerId: string): Sandbox | undefined;
  /** Removes everything setUp made; never stops at the first error; fine when there is nothing. */
  tearDown(containerId: string): Promise<void>;
  connect(containerId: string, network: string, request: EndpointRequest): Promise<Endpoint>;
  disconnect(containerId: string, network: string, force: boolean): Promise<void>;
  /** Publishes more ports of a running container. All or nothing. */
  publish(containerId: string, ports: readonly PortRequest[]): Promise<readonly PortBinding[]>;
  /** Withdraws these of its ports; fine when some are not there. */
  withdraw(containerId: string, ports: readonly PortBinding[]): Promise<void>;
  /** The way of packets to and from a running container, read from the kernel, for the ports that are wanted. */
  explain(containerId: string, wanted: (binding: PortBinding) => boolean): Promise<Explanation>;
  rename(containerId: string, name: string): void;
  /** The container's legacy links are these from now on; fine when it has no sandbox. */
  relink(containerId: string, links: readonly SandboxLink[]): Promise<void>;
  /** Puts back what somebody has flushed of the engine's rules since. */
  reload(): Promise<void>;
  /** Releases addresses, DNS, watchers. Rules and bridges stay, so that containers keep their network. */
  close(): Promise<void>;
}
