import type { Readable } from "node:stream";
import type { ProgressLine } from "./images.ts";
import type { Labels } from "./values.ts";

export interface BuildRequest {
  /** Tar of the context, possibly compressed; empty with `remote`. */
  readonly context: Readable;
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
}

export interface Builder {
  /** Lines of Docker's classic build stream: `{stream}`, `{aux:{ID}}`. */
  build(request: BuildRequest, signal: AbortSignal): AsyncIterable<ProgressLine>;
}
