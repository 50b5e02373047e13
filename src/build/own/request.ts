import type { Digest } from "../../oci/index.ts";
import type { BuildEvent } from "../execute/index.ts";

/** A build as Wharf's own clients ask for it. */
export interface OwnBuildRequest {
  /** One line of JSON (see OwnBuildOptions), then the context as `POST /build` takes it. */
  readonly body: AsyncIterable<Uint8Array>;
  /** See ObtainOptions. */
  readonly auth: string | undefined;
}

/** What a finished build made. */
export interface BuildResult {
  readonly type: "result";
  readonly id: Digest;
  readonly tags: readonly string[];
}

/** Events as they happen; `time` is milliseconds since the build began. */
export type OwnBuildLine = { readonly time: number } & (BuildEvent | BuildResult);
