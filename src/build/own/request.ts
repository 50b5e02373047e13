import type { Digest } from "../../oci/index.ts";
import type { BuildEvent } from "../execute/index.ts";
import type { Ask } from "./remote-tree.ts";

/** A build as Wharf's own clients ask for it. */
export interface OwnBuildRequest {
  /**
   * One line of JSON (see OwnBuildOptions), then the context as `POST /build` takes it; or, where the options describe
   * it, its manifest, and then the answers to what is asked for meanwhile.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** See ObtainOptions. */
  readonly auth: string | undefined;
}

/** What a finished build made. */
export interface BuildResult {
  readonly type: "result";
  readonly id: Digest;
  readonly tags: readonly string[];
  /** Images of stages that went into it: their steps are not among its own. */
  readonly stages: readonly Digest[];
}

/** Events as they happen; `time` is milliseconds since the build began. */
export type OwnBuildLine = { readonly time: number } & (Ask | BuildEvent | BuildResult);
