import type { ContainerView } from "./container-view.ts";
import type { ImageView } from "./images.ts";
import type { Filters, Labels } from "./values.ts";
import type { VolumeView } from "./volumes.ts";

export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  readonly actor: { readonly id: string; readonly attributes: Labels };
  /** Nanoseconds since the epoch. */
  readonly timeNano: bigint;
}

/** Facts about the engine and its host; `handlers/system.ts` turns them into `info` and `version`. */
export interface SystemFacts {
  /** Of the answer, by the clock of the events: RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly id: string;
  readonly version: string;
  readonly gitCommit: string;
  readonly nodeVersion: string;
  readonly name: string;
  readonly kernelVersion: string;
  readonly operatingSystem: string;
  readonly osVersion: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memory: number;
  readonly storageDriver: string;
  readonly driverStatus: readonly (readonly [string, string])[];
  readonly cgroupDriver: string;
  readonly cgroupVersion: "1" | "2";
  readonly controllers: ReadonlySet<string>;
  readonly loggingDriver: string;
  readonly dataRoot: string;
  readonly runtimes: Readonly<
    Record<string, { readonly path: string; readonly runtimeArgs?: readonly string[] }>
  >;
  readonly defaultRuntime: string;
  readonly initBinary: string;
  readonly securityOptions: readonly string[];
  readonly liveRestore: boolean;
  readonly debug: boolean;
  readonly labels: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly registryMirrors: readonly string[];
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
  readonly containers: { readonly running: number; readonly paused: number; readonly stopped: number };
  readonly images: number;
  readonly ipv4Forwarding: boolean;
  /** "iptables", "nftables" or "none". */
  readonly firewall: string;
  readonly addressPools: readonly { readonly base: string; readonly size: number }[];
  readonly warnings: readonly string[];
  readonly cdiFolders: readonly string[];
  /** Devices that vendors describe, by their full names. */
  readonly devices: readonly string[];
  readonly components: readonly { readonly name: string; readonly version: string }[];
  readonly goroutines: number;
  readonly fileDescriptors: number;
  readonly listeners: number;
  /** Names of the drivers that are there; the built-in minimum when absent. */
  readonly drivers?: {
    readonly volume: readonly string[];
    readonly network: readonly string[];
    readonly log: readonly string[];
  };
}

export interface System {
  facts(): Promise<SystemFacts>;
  events(
    options: {
      readonly since: string | undefined;
      readonly until: string | undefined;
      readonly filters: Filters;
    },
    signal: AbortSignal,
  ): AsyncIterable<EngineEvent>;
  diskUsage(): Promise<{
    readonly layersSize: number;
    readonly images: readonly ImageView[];
    readonly containers: readonly (ContainerView & {
      readonly sizeRw: number;
      readonly sizeRootFs: number;
    })[];
    readonly volumes: readonly (VolumeView & { readonly size: number; readonly refCount: number })[];
  }>;
}
