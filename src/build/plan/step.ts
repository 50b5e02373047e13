import type { ImageProcessConfig } from "../../oci/index.ts";
import type { RunNetwork } from "../ports.ts";
import type { FileSource } from "./graph.ts";
import type { Mount } from "./mounts.ts";

/** A file whose content stands in the Dockerfile. */
export interface InlineFile {
  readonly name: string;
  readonly content: string;
}

export interface RunAction {
  readonly kind: "run";
  readonly args: readonly string[];
  /** Everything that belongs to the cache key and the process. */
  readonly env: readonly string[];
  /** Proxy settings: only for the process. */
  readonly proxies: readonly string[];
  readonly cwd: string;
  readonly user: string;
  readonly network: RunNetwork;
  readonly insecure: boolean;
  readonly mounts: readonly { readonly mount: Mount; readonly source: FileSource }[];
  /** A script with its own interpreter, to be placed into the container at this path while it runs. */
  readonly script?: { readonly path: string; readonly content: string };
}

export interface TransferAction {
  readonly kind: "transfer";
  readonly name: "COPY" | "ADD";
  readonly source: FileSource;
  /** As written: wildcards, for ADD also URLs. */
  readonly paths: readonly string[];
  readonly inline: readonly InlineFile[];
  /** Absolute; ends with a slash where that was written. */
  readonly destination: string;
  readonly chown?: string;
  readonly chmod?: string;
  readonly parents: boolean;
  readonly excludes: readonly string[];
  readonly checksum?: string;
  /** Of a git repository's files, `.git` too. */
  readonly keepGitDir: boolean;
  readonly link: boolean;
  /** Archives: "local" unpacks those of the context, as ADD does. */
  readonly unpack: "never" | "local" | "always";
}

export interface WorkdirAction {
  readonly kind: "workdir";
  readonly path: string;
}

export interface MetadataAction {
  readonly kind: "metadata";
}

/** One step of a stage: what it does to the files, and the configuration after it. */
export interface Step {
  readonly title: string;
  /** Lines in the Dockerfile. */
  readonly first: number;
  readonly last: number;
  /** It comes from an ONBUILD of the base image. */
  readonly isTrigger: boolean;
  readonly action: RunAction | TransferAction | WorkdirAction | MetadataAction;
  readonly config: ImageProcessConfig;
  /** Of the history entry; `{files}` stands for the checksum of what is copied. */
  readonly createdBy: string;
  readonly author?: string;
}
