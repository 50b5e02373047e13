/** The process defaults of an image (OCI image-spec config.md, with Docker's additions). Field names as on disk. */
export interface ImageProcessConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>> | null;
  readonly Env?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Volumes?: Readonly<Record<string, Readonly<Record<string, never>>>> | null;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly Healthcheck?: HealthcheckConfig | null;
  readonly OnBuild?: readonly string[] | null;
  readonly Shell?: readonly string[] | null;
  readonly ArgsEscaped?: boolean;
}

/** Durations in nanoseconds; 0 means the default. */
export interface HealthcheckConfig {
  readonly Test?: readonly string[] | null;
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** The image configuration blob; its digest is the image's id. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
  readonly created?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly docker_version?: string;
  /** The container an image was committed from, and its configuration (Docker image spec v1). */
  readonly container?: string;
  readonly container_config?: Readonly<Record<string, unknown>>;
  readonly config?: ImageProcessConfig;
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly Digest[] };
  readonly history?: readonly HistoryEntry[];
}

/** "sha256:<64 hex>". */
export type Digest = `sha256:${string}`;
