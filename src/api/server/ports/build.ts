import type { FilterValues } from "../../routes/query.ts";
import type { OwnBuildLine } from "../../schema/own/build.ts";
import type { ProgressLine } from "./images.ts";
import type { Labels } from "./values.ts";

export interface BuildRequest {
  /** Tar of the context, possibly compressed; empty with `remote`. */
  readonly context: AsyncIterable<Uint8Array>;
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly remote: string;
  readonly target: string;
  readonly buildArgs: Readonly<Record<string, string | null>>;
  readonly labels: Labels;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly quiet: boolean;
  readonly removeIntermediate: boolean;
  readonly platform: string;
  readonly networkMode: string;
  readonly extraHosts: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly shmSize: number;
  readonly memory: number;
  readonly memorySwap: number;
  readonly cpuShares: number;
  readonly cpuPeriod: number;
  readonly cpuQuota: number;
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
  readonly cgroupParent: string;
  readonly ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  /** The `X-Registry-Config` header. */
  readonly auth: string | undefined;
}

export interface OwnBuildRequest {
  /** One line of JSON with the options, then the context as a tar. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly auth: string | undefined;
}

/** One thing the build cache keeps. Times are milliseconds since the epoch, sizes bytes. */
export interface CacheEntry {
  readonly id: string;
  readonly parents: readonly string[];
  readonly type: string;
  readonly description: string;
  readonly inUse: boolean;
  readonly shared: boolean;
  readonly size: number;
  readonly created: number;
  readonly used: number;
  readonly uses: number;
}

export interface CachePrune {
  readonly all: boolean;
  /** Bytes that may stay. */
  readonly keep: number;
  /** Only what was not used since then: milliseconds since the epoch. */
  readonly before?: number;
  readonly filters: FilterValues;
}

export interface Builder {
  /** Lines of Docker's classic build stream: `{stream}`, `{aux:{ID}}`. */
  build(request: BuildRequest, signal: AbortSignal): AsyncIterable<ProgressLine>;
  /** Events of Wharf's own build route. */
  buildOwn(request: OwnBuildRequest, signal: AbortSignal): AsyncIterable<OwnBuildLine>;
  /** All files of an image as a tar. */
  files(image: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  cacheEntries(): Promise<readonly CacheEntry[]>;
  prune(options: CachePrune): Promise<{ readonly deleted: readonly string[]; readonly reclaimed: number }>;
}
