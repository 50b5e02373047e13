import type { Descriptor, Digest, ImageConfig, Platform } from "../oci/index.ts";
import type { ContainerConfig, EndpointSettings, HostConfig } from "./containers/documents.ts";
import type { ContainerState } from "./containers/state.ts";

export type Labels = Readonly<Record<string, string>>;
/** Docker's `filters` query, decoded: name -> wanted values. */
export type Filters = ReadonlyMap<string, readonly string[]>;

export interface EndpointView {
  /** As asked for. */
  readonly request: EndpointSettings;
  /** Empty strings and zeros while not running, as all below. */
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

export interface HealthView {
  readonly status: string;
  readonly failingStreak: number;
  readonly log: readonly unknown[];
}

export interface ContainerView {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  /** Names that legacy links give it: "app/alias". */
  readonly linkNames: readonly string[];
  readonly created: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly state: ContainerState;
  readonly health?: HealthView;
  /** Image id, and the reference the client named it by. */
  readonly image: string;
  readonly imageName: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly restartCount: number;
  readonly driver: string;
  readonly platform: string;
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

export interface ImageView {
  readonly id: Digest;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly parent: string;
  readonly size: number;
  readonly lastTagged: string | undefined;
  readonly config: ImageConfig;
  /** Folders of its layers, topmost first; empty where the driver shows none. */
  readonly folders: readonly string[];
  readonly driver: string;
  /** Containers made from it. */
  readonly containers: number;
  /** Bytes in layers that other images use too; absent where nobody counted. */
  readonly sharedSize?: number;
  readonly manifests?: readonly ManifestView[];
}

/** One manifest of an image, as API clients know it. Sizes in bytes. */
export interface ManifestView {
  readonly ID: Digest;
  readonly Descriptor: Descriptor;
  readonly Available: boolean;
  readonly Size: { readonly Content: number; readonly Total: number };
  readonly Kind: "image" | "attestation" | "unknown";
  readonly ImageData?: {
    readonly Platform: Platform;
    readonly Containers: readonly string[];
    readonly Size: { readonly Unpacked: number };
  };
  readonly AttestationData?: { readonly For: string };
}

export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  readonly actor: { readonly id: string; readonly attributes: Labels };
  /** Nanoseconds since the epoch. */
  readonly timeNano: bigint;
}
