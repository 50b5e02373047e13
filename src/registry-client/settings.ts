/** How registries are reached. Read at each operation, so that a reloaded configuration counts from the next one on. */
export interface RegistrySettings {
  /** Base addresses tried before the default registry, e.g. "https://mirror.example.com". */
  readonly mirrors: readonly string[];
  /** Hosts ("host", "host:port") and address ranges ("10.0.0.0/8") reached without checking certificates, or in plain HTTP. */
  readonly insecure: readonly string[];
  /** Folders with one folder a registry (`host:port/`) of `*.crt` (authorities), `*.cert` and `*.key` (client). */
  readonly certificateFolders: readonly string[];
  readonly proxy: {
    readonly http: string | undefined;
    readonly https: string | undefined;
    /** Comma-separated hosts reached without the proxy. */
    readonly none: string | undefined;
  };
  /** Layers fetched at once, in the whole engine. */
  readonly maxDownloads: number;
  /** Layers sent at once, in the whole engine. */
  readonly maxUploads: number;
  /** Tries per layer. */
  readonly attempts: number;
  /** Milliseconds before the second try; each further wait is twice as long. */
  readonly retryDelay: number;
  /** Milliseconds without a byte after which a registry counts as hanging. */
  readonly idleTimeout: number;
}

export const DEFAULT_REGISTRY_SETTINGS: RegistrySettings = {
  mirrors: [],
  insecure: [],
  certificateFolders: ["/etc/wharf/certs.d", "/etc/docker/certs.d"],
  proxy: { http: undefined, https: undefined, none: undefined },
  maxDownloads: 3,
  maxUploads: 5,
  attempts: 5,
  retryDelay: 1000,
  idleTimeout: 60_000,
};
