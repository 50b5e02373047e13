import type { ErrorKind } from "../../../base/errors.ts";
import type { Digest } from "../../../oci/index.ts";
import type { LayerLimits } from "../apply/layer-writer.ts";
import type { Change } from "../layers.ts";

/** Reads a blob, checks it, and writes its members into an empty folder. */
export interface UnpackJob {
  readonly kind: "unpack";
  readonly blob: string;
  readonly blobDigest: Digest;
  readonly target: string;
  readonly limits: LayerLimits;
}

/** Gives directories of an unpacked layer the attributes they have below it. */
export interface InheritJob {
  readonly kind: "inherit";
  readonly target: string;
  /** Roots of the layers below, topmost first. */
  readonly lowers: readonly string[];
  readonly paths: readonly string[];
}

export interface Unpacked {
  readonly diffId: Digest;
  /** Bytes of its files. */
  readonly size: number;
  /** Directories it uses without describing them: they wait for an `inherit`. */
  readonly implicit: readonly string[];
}

/** Where a writable layer is, for jobs that read it. */
export interface LayerSource {
  readonly upper: string;
  readonly lowers: readonly string[];
  /** Take what the runtime made only to mount over it as well. */
  readonly keepsMountpoints?: boolean;
  /** `upper` is the whole merged tree, not only what differs. */
  readonly isWhole?: boolean;
}

/** Sends the layer as a tar, chunk by chunk. */
export interface DiffJob extends LayerSource {
  readonly kind: "diff";
}

/** Writes the layer as a tar to `blob` and at the same time, from those very bytes, as a read-only layer to `target`. */
export interface CommitJob extends LayerSource {
  readonly kind: "commit";
  readonly blob: string;
  readonly target: string;
  readonly limits: LayerLimits;
}

export interface Committed extends Unpacked {
  readonly blobSize: number;
}

export interface ChangesJob extends LayerSource {
  readonly kind: "changes";
}

/** Bytes of a writable layer's own files; of a tree of differences hard links count once. */
export interface UsageJob extends LayerSource {
  readonly kind: "usage";
}

/** Copies what layers show when merged, `lowers` topmost first, into a folder. */
export interface CopyJob {
  readonly kind: "copy";
  readonly lowers: readonly string[];
  readonly target: string;
}

/** Compares a stored blob with its digests, and an unpacked layer with the blob. */
export interface VerifyJob {
  readonly kind: "verify";
  readonly blob: string;
  readonly blobDigest: Digest;
  readonly diffId: Digest;
  /** Where the layer is unpacked. */
  readonly folder: string;
  readonly limits: LayerLimits;
}

/** What is wrong with a layer; without `part`: nothing. */
export interface LayerFinding {
  readonly part?: "content" | "files";
  readonly detail?: string;
}

/** Deletes a folder nobody uses any more. */
export interface DeleteJob {
  readonly kind: "delete";
  readonly folder: string;
}

export type Job =
  | UnpackJob
  | DiffJob
  | CommitJob
  | ChangesJob
  | UsageJob
  | CopyJob
  | VerifyJob
  | InheritJob
  | DeleteJob;

export interface JobResults {
  readonly unpack: Unpacked;
  readonly diff: undefined;
  readonly commit: Committed;
  readonly changes: readonly Change[];
  readonly usage: number;
  readonly copy: undefined;
  readonly verify: LayerFinding;
  readonly inherit: undefined;
  readonly delete: undefined;
}
export type ResultOf<J extends Job> = JobResults[J["kind"]];

export type ToWorker =
  | { readonly type: "run"; readonly job: Job }
  | { readonly type: "cancel" }
  /** The receiver has taken one chunk. */
  | { readonly type: "taken" };

export type FromWorker =
  | { readonly type: "progress"; readonly bytes: number }
  | { readonly type: "chunk"; readonly bytes: Uint8Array }
  | { readonly type: "done"; readonly result: JobResults[Job["kind"]] }
  | { readonly type: "failed"; readonly error: WireError };

/** An error across the thread boundary: structured clone keeps neither its class nor its kind. */
export interface WireError {
  readonly kind: ErrorKind | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
}

/** What a job may use besides the disk. */
export interface JobContext {
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
  /** Takes the chunk over with its buffer; settles when there is room for another one. */
  readonly send: (chunk: Uint8Array) => Promise<void>;
}
