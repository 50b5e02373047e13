import type { ContainerConfig } from "../../schema/container.ts";
import type {
  ImageConfigDocument,
  ImageFinding,
  ImageSearchResult,
  ManifestSummary,
  PlatformSpec,
} from "../../schema/image.ts";
import type { AuthConfigDocument, PlatformDocument } from "../../schema/registry.ts";
import type { Filters } from "./values.ts";

export interface ImageView {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly parent: string;
  readonly size: number;
  readonly lastTagged: string | undefined;
  /** The image's configuration blob. */
  readonly config: ImageConfigDocument;
  /** Folders of its layers, topmost first; empty where the driver shows none. */
  readonly folders: readonly string[];
  /** The storage driver. */
  readonly driver?: string;
  /** Containers made from it. */
  readonly containers: number;
  /** Bytes in layers that other images use too; where nobody counted, absent. */
  readonly sharedSize?: number;
  /** Where it was asked for. */
  readonly manifests?: readonly ManifestSummary[];
}

export interface RemoteImageView {
  readonly descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly platforms: readonly PlatformDocument[];
}

/** One line of a JSON progress stream. An error line is made from what the iteration throws. */
export type ProgressLine = object;

export interface Images {
  list(options: {
    readonly all: boolean;
    readonly filters: Filters;
    /** Count what images share. */
    readonly shared: boolean;
    readonly manifests: boolean;
  }): Promise<readonly ImageView[]>;
  /** Throws notFound when the image is for another platform than the one given; so do the verbs below. */
  inspect(
    reference: string,
    options: { readonly platform: PlatformSpec | undefined; readonly manifests: boolean },
  ): Promise<ImageView>;
  history(
    reference: string,
    platform: PlatformSpec | undefined,
  ): readonly {
    readonly id: string;
    readonly created: string;
    readonly createdBy: string;
    readonly tags: readonly string[];
    readonly size: number;
    readonly comment: string;
  }[];
  tag(reference: string, repository: string, tag: string): Promise<void>;
  remove(
    reference: string,
    options: {
      readonly force: boolean;
      readonly noPrune: boolean;
      readonly platforms: readonly PlatformSpec[];
    },
  ): Promise<readonly ({ readonly Untagged: string } | { readonly Deleted: string })[]>;
  prune(filters: Filters): Promise<{
    readonly deleted: readonly ({ readonly Untagged: string } | { readonly Deleted: string })[];
    readonly reclaimed: number;
  }>;
  load(
    body: AsyncIterable<Uint8Array>,
    options: { readonly quiet: boolean; readonly platform: PlatformSpec | undefined },
    signal: AbortSignal,
  ): AsyncIterable<ProgressLine>;
  save(
    references: readonly string[],
    platform: PlatformSpec | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Asks a registry for names; `limit` 0 is its usual number. */
  search(
    options: {
      readonly term: string;
      readonly limit: number | undefined;
      readonly filters: Filters;
      readonly auth: string | undefined;
    },
    signal: AbortSignal,
  ): Promise<readonly ImageSearchResult[]>;
  import(
    body: AsyncIterable<Uint8Array>,
    options: {
      readonly repository: string;
      readonly tag: string;
      readonly message: string;
      /** Dockerfile instructions. */
      readonly changes: readonly string[];
      readonly platform: string | undefined;
      /** An address to fetch the archive from instead of the body. */
      readonly url: string | undefined;
    },
    signal: AbortSignal,
  ): AsyncIterable<ProgressLine>;
  /** `tag` may be a digest; without any, every tag of the repository. `auth` is the `X-Registry-Auth` header. */
  pull(
    options: {
      readonly image: string;
      readonly tag: string;
      readonly platform: string | undefined;
      readonly auth: string | undefined;
    },
    signal: AbortSignal,
  ): AsyncIterable<ProgressLine>;
  push(
    options: {
      readonly image: string;
      readonly tag: string;
      readonly platform: PlatformSpec | undefined;
      readonly auth: string | undefined;
    },
    signal: AbortSignal,
  ): AsyncIterable<ProgressLine>;
  /** Whether a registry takes the credentials: a refresh token or "". */
  login(fields: AuthConfigDocument, signal: AbortSignal): Promise<string>;
  /** What a name stands for in its registry. */
  inspectRemote(name: string, auth: string | undefined, signal: AbortSignal): Promise<RemoteImageView>;
  /** Compares everything stored with its digests. */
  verify(signal: AbortSignal): AsyncIterable<ImageFinding>;
  commit(options: {
    readonly container: string;
    readonly repository: string;
    readonly tag: string;
    readonly comment: string;
    readonly author: string;
    readonly pause: boolean;
    readonly changes: readonly string[];
    readonly config: ContainerConfig | undefined;
  }): Promise<string>;
}
