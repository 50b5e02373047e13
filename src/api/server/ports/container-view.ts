import type { ContainerConfig, HostConfig } from "../../schema/container.ts";
import type { Labels } from "./values.ts";

export type ContainerState =
  | { readonly status: "created"; readonly error?: string; readonly exitCode?: number }
  | {
      readonly status: "running" | "paused";
      readonly pid: number;
      readonly startedAt: string;
      readonly oomKilled?: true;
    }
  | {
      readonly status: "restarting";
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly oomKilled: boolean;
    }
  | {
      readonly status: "exited";
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly oomKilled: boolean;
      readonly error?: string;
    }
  | {
      readonly status: "removing";
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
    }
  | {
      readonly status: "dead";
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
    };

export interface EndpointView {
  /** As asked for. */
  readonly request: {
    readonly IPAMConfig?: {
      readonly IPv4Address?: string;
      readonly IPv6Address?: string;
      readonly LinkLocalIPs?: readonly string[] | null;
    } | null;
    readonly Links?: readonly string[] | null;
    readonly Aliases?: readonly string[] | null;
    readonly DriverOpts?: Labels | null;
    readonly GwPriority?: number;
    readonly MacAddress?: string;
  };
  /** Empty strings and zeros while not running. */
  readonly networkId: string;
  readonly endpointId: string;
  readonly macAddress: string;
  readonly gateway: string;
  readonly ipv4: string;
  readonly ipv4Prefix: number;
  readonly gateway6: string;
  readonly ipv6: string;
  readonly ipv6Prefix: number;
  readonly dnsNames: readonly string[];
}

export interface PublishedPort {
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostIp: string;
  readonly hostPort: number;
}

export interface MountPoint {
  readonly type: "bind" | "volume" | "tmpfs" | "image";
  readonly name?: string;
  readonly source: string;
  readonly destination: string;
  readonly driver?: string;
  readonly mode: string;
  readonly rw: boolean;
  readonly propagation: string;
}

export interface ContainerView {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly created: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly state: ContainerState;
  readonly health?: {
    readonly status: string;
    readonly failingStreak: number;
    readonly log: readonly unknown[];
  };
  /** Image id, and the reference the client named it by. */
  readonly image: string;
  readonly imageName: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly restartCount: number;
  readonly driver: string;
  readonly platform: string;
  /** Names that legacy links give it: "app/alias". */
  readonly linkNames: readonly string[];
  readonly execIds: readonly string[];
  readonly mounts: readonly MountPoint[];
  /** On-disk paths; empty where not (yet) there. */
  readonly files: {
    readonly hosts: string;
    readonly hostname: string;
    readonly resolvConf: string;
    readonly log: string;
  };
  readonly snapshot?: {
    readonly lower: readonly string[];
    readonly upper: string;
    readonly work: string;
    readonly merged: string;
  };
  readonly network: {
    readonly sandboxId: string;
    readonly sandboxKey: string;
    readonly ports: readonly PublishedPort[];
    /** By network name. */
    readonly endpoints: Readonly<Record<string, EndpointView>>;
  };
}
