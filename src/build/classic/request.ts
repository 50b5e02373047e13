import type { PullProgress, RunLimits } from "../ports.ts";

/** A build as `POST /build` asks for it. Sizes in bytes; "" and 0 stand for what was not given. */
export interface BuildRequest extends RunLimits {
  /** Tar of the context, possibly compressed; empty with `remote`. */
  readonly context: AsyncIterable<Uint8Array>;
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  readonly tags: readonly string[];
  /** A git repository, or the URL of a tar or of a Dockerfile, to use instead of `context`. */
  readonly remote: string;
  readonly target: string;
  readonly buildArgs: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly pull: boolean;
  /** Only the image's id is written. */
  readonly quiet: boolean;
  readonly platform: string;
  /** "default", "none", "host", or anything else the engine knows. */
  readonly networkMode: string;
  readonly extraHosts: readonly string[];
  /** False: the containers of commands stay, also of a build that fails, unless it is cancelled. */
  readonly removeIntermediate: boolean;
  /** Images whose steps alone may be reused; none: whatever earlier builds left. */
  readonly cacheFrom: readonly string[];
  /** See ObtainOptions. */
  readonly auth: string | undefined;
}

/** A line of Docker's classic build stream. */
export interface BuildLine {
  readonly stream?: string;
  readonly aux?: { readonly ID: string };
  /** Of images that are fetched. */
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: PullProgress["progressDetail"];
}
