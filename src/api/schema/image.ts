import type { HealthConfig, WireSet } from "./container-config.ts";

/** The process defaults inside an image's configuration blob, with Docker's additions. */
export interface ImageProcessDocument {
  readonly User?: string;
  readonly ExposedPorts?: WireSet | null;
  readonly Env?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Volumes?: WireSet | null;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly Healthcheck?: HealthConfig | null;
  readonly OnBuild?: readonly string[] | null;
  readonly Shell?: readonly string[] | null;
  readonly ArgsEscaped?: boolean;
}

/** An image's configuration blob (OCI image-spec config.md), field names as on disk. */
export interface ImageConfigDocument {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly created?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly docker_version?: string;
  readonly container?: string;
  readonly container_config?: Readonly<Record<string, unknown>>;
  readonly config?: ImageProcessDocument;
  readonly rootfs: { readonly type: string; readonly diff_ids: readonly string[] };
  readonly history?: readonly {
    readonly created?: string;
    readonly created_by?: string;
    readonly author?: string;
    readonly comment?: string;
    readonly empty_layer?: boolean;
  }[];
}

type TextMap = Readonly<Record<string, string>>;

/** An OCI platform. */
export interface PlatformSpec {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

/** One manifest of an image: the platform it is for and what of it is here. Sizes in bytes. */
export interface ManifestSummary {
  readonly ID: string;
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly Available: boolean;
  readonly Size: { readonly Content: number; readonly Total: number };
  readonly Kind: "image" | "attestation" | "unknown";
  readonly ImageData?: {
    readonly Platform: PlatformSpec;
    /** Ids of the containers made from it. */
    readonly Containers: readonly string[];
    readonly Size: { readonly Unpacked: number };
  };
  /** The manifest it attests. */
  readonly AttestationData?: { readonly For: string };
}

/** One line of `POST /wharf/v1/images/verify`. */
export interface ImageFinding {
  readonly kind: "layer" | "image";
  /** A layer's chainID, an image's id. */
  readonly id: string;
  readonly name?: string;
  readonly status: "ok" | "damaged" | "missing";
  readonly bytes: number;
  /** What is wrong. */
  readonly detail?: string;
}

/** One row of `GET /images/search`; names as registries send them. */
export interface ImageSearchResult {
  readonly star_count: number;
  readonly is_official: boolean;
  readonly name: string;
  readonly is_automated: boolean;
  readonly description: string;
}

/** One row of `GET /images/json`. Sizes in bytes, -1 where not counted. */
export interface ImageSummary {
  readonly Containers: number;
  /** Unix seconds. */
  readonly Created: number;
  readonly Id: string;
  readonly Labels: TextMap | null;
  readonly ParentId: string;
  readonly RepoDigests: readonly string[];
  readonly RepoTags: readonly string[];
  readonly SharedSize: number;
  readonly Size: number;
  /** Before 1.44. */
  readonly VirtualSize?: number;
  /** With `manifests`, since 1.47. */
  readonly Manifests?: readonly ManifestSummary[];
}

export interface GraphDriver {
  readonly Data: TextMap | null;
  readonly Name: string;
}

/** `GET /images/{name}/json`. */
export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Parent: string;
  readonly Comment: string;
  readonly Created?: string;
  readonly DockerVersion: string;
  readonly Author: string;
  readonly Config: Readonly<Record<string, unknown>>;
  /** What the image was committed from, before 1.45. */
  readonly Container?: string;
  readonly ContainerConfig?: Readonly<Record<string, unknown>>;
  readonly Architecture: string;
  readonly Variant?: string;
  readonly Os: string;
  readonly OsVersion?: string;
  readonly Size: number;
  readonly VirtualSize?: number;
  readonly GraphDriver: GraphDriver;
  readonly RootFS: { readonly Type: string; readonly Layers?: readonly string[] };
  readonly Metadata: { readonly LastTagTime: string };
  /** With `manifests`, since 1.48. */
  readonly Manifests?: readonly ManifestSummary[];
}

export interface HistoryItem {
  readonly Comment: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Id: string;
  readonly Size: number;
  readonly Tags: readonly string[] | null;
}

export type ImageDeleted = { readonly Untagged: string } | { readonly Deleted: string };

export interface ImagesPruned {
  readonly ImagesDeleted: readonly ImageDeleted[] | null;
  readonly SpaceReclaimed: number;
}
