import type { Level } from "../../base/log.ts";

export interface RuntimeEntry {
  readonly path: string;
  readonly runtimeArgs?: readonly string[];
}

export interface AddressPool {
  readonly base: string;
  /** Prefix length of the networks cut from it. */
  readonly size: number;
}

export interface UlimitSetting {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** The engine's settings, checked and complete: every default is filled in. */
export interface Config {
  /** Undefined: the default sockets. */
  readonly hosts: readonly string[] | undefined;
  readonly group: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly pidFile: string;
  readonly debug: boolean;
  readonly logLevel: Level;
  readonly logFormat: "text" | "json";
  readonly labels: readonly string[];
  readonly liveRestore: boolean;
  /** Seconds; -1: as long as it takes. */
  readonly shutdownTimeout: number;
  readonly tls:
    | { readonly verify: boolean; readonly ca: string; readonly cert: string; readonly key: string }
    | undefined;
  readonly storage: {
    /** Undefined: the first that works below the data root. */
    readonly driver: "overlay2" | "btrfs" | "vfs" | undefined;
    /** Bytes a container may write that asks for nothing else; undefined: no limit. */
    readonly size: number | undefined;
    /** What one image layer may unpack to; undefined: the built-in limits. */
    readonly layerBytes: number | undefined;
    readonly layerEntries: number | undefined;
  };
  readonly registryMirrors: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly registries: {
    /** Undefined: what the environment says. */
    readonly httpProxy: string | undefined;
    readonly httpsProxy: string | undefined;
    readonly noProxy: string | undefined;
    /** Layers fetched, and sent, at once. */
    readonly maxDownloads: number;
    readonly maxUploads: number;
    /** Tries per layer. */
    readonly attempts: number;
  };
  readonly runtimes: Readonly<Record<string, RuntimeEntry>>;
  readonly defaultRuntime: string | undefined;
  readonly cgroupParent: string;
  /** Folders with specifications of devices; empty: there are none. */
  readonly cdiFolders: readonly string[];
  /** Bytes of build cache that may stay; 0: all of it. */
  readonly buildCacheLimit: number;
  readonly containers: {
    readonly cgroupnsMode: "host" | "private" | undefined;
    readonly ipcMode: "private" | "shareable";
    /** Bytes. */
    readonly shmSize: number;
    readonly ulimits: readonly UlimitSetting[];
    readonly init: boolean;
    readonly initPath: string | undefined;
    readonly noNewPrivileges: boolean;
    /** "builtin", "unconfined" or a path. */
    readonly seccompProfile: string;
    readonly logDriver: string;
    readonly logOptions: Readonly<Record<string, string>>;
  };
  readonly network: {
    /** "none": no default bridge network. */
    readonly bridge: string;
    readonly bip: string | undefined;
    readonly fixedCidr: string | undefined;
    readonly defaultGateway: string | undefined;
    readonly ipv6: boolean;
    readonly bip6: string | undefined;
    readonly fixedCidr6: string | undefined;
    readonly defaultGateway6: string | undefined;
    /** Driver options of new networks, by driver. */
    readonly networkOptions: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly addressPools: readonly AddressPool[] | undefined;
    readonly mtu: number;
    readonly icc: boolean;
    readonly defaultBindIp: string;
    readonly ipForward: boolean;
    readonly ipForwardNoDrop: boolean;
    readonly ipMasq: boolean;
    readonly allowDirectRouting: boolean;
    readonly iptables: boolean;
    readonly ip6tables: boolean;
    readonly firewallBackend: "iptables" | "nftables";
    readonly userlandProxy: boolean;
    readonly hostGatewayIps: readonly string[];
    readonly dns: readonly string[];
    readonly dnsOptions: readonly string[];
    readonly dnsSearch: readonly string[];
  };
}
