import type { Descriptor, Digest, HistoryEntry, ImageConfig, Platform } from "../oci/index.ts";

/** An image as the engine sees it: its configuration and what points to it. */
export interface Image {
  /** Digest of the configuration blob. */
  readonly id: Digest;
  readonly config: ImageConfig;
  /** Of the topmost layer; undefined for an image without layers. */
  readonly chainId?: Digest;
  /** Canonical familiar names, e.g. "busybox:latest", sorted. */
  readonly repoTags: readonly string[];
  /** "busybox@sha256:..." as far as known. */
  readonly repoDigests: readonly string[];
  /** Bytes of all its unpacked layers. */
  readonly size: number;
  readonly parent?: Digest;
  /** When a tag last came to point to it, RFC 3339. */
  readonly lastTagged?: string;
}

export type RemovedImage = { readonly Untagged: string } | { readonly Deleted: string };

/** One line of Docker's JSON progress stream (jsonmessage). */
export interface Progress {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: unknown;
}
export type OnProgress = (progress: Progress) => void;

export interface HistoryItem extends HistoryEntry {
  /** Id of the image ending at this entry where known, else "<missing>". */
  readonly id: string;
  readonly tags: readonly string[];
  readonly size: number;
}

export interface ImportRequest {
  readonly source: AsyncIterable<Uint8Array>;
  /** "repo:tag" to give the new image. */
  readonly reference?: string;
  readonly config?: ImageConfig["config"];
  readonly message?: string;
  /** Where the archive came from, for the history; absent: a stream. */
  readonly origin?: string;
  readonly platform?: string;
  readonly signal?: AbortSignal;
}

/** What layers take, each counted once. Bytes. */
export interface LayerSharing {
  /** Of all layers. */
  readonly total: number;
  /** Of each layer by its chainID. */
  readonly sizes: ReadonlyMap<string, number>;
  /** By image: in layers that other images have as well. Images that only serve as a parent do not count as others. */
  readonly shared: ReadonlyMap<Digest, number>;
}

/** The manifest that describes an image, and the bytes of content that it names. */
export interface ImageManifest {
  readonly descriptor: Pick<Descriptor, "mediaType" | "digest" | "size">;
  /** Manifest, configuration and layers as they are stored. */
  readonly content: number;
  /** What the index it was pulled by lists, this manifest among it; empty when there was none. */
  readonly index: readonly Descriptor[];
}

/** What `verify` says of one layer or image. */
export interface Finding {
  readonly kind: "layer" | "image";
  /** The layer's chainID, the image's id. */
  readonly id: Digest;
  /** One of the image's names. */
  readonly name?: string;
  readonly status: "ok" | "damaged" | "missing";
  /** Bytes as stored. */
  readonly bytes: number;
  /** What is wrong. */
  readonly detail?: string;
}

/** A new image on top of layers that are already in the store: what commit and build make. */
export interface NewImage {
  readonly config: ImageConfig;
  readonly references?: readonly string[];
  readonly parent?: Digest;
}

/** The image store. Lookups are synchronous (SQLite); everything that moves bytes is not. */
export interface Images {
  /** By name, name@digest, id or unique id prefix. Throws notFound "No such image: x". */
  resolve(reference: string): Image;
  get(id: Digest): Image | undefined;
  list(): readonly Image[];
  /** How images share their layers. */
  sharing(): LayerSharing;
  /** The manifest it came with, else the one it would be saved with. Throws notFound. */
  manifest(id: Digest): Promise<ImageManifest>;
  history(reference: string): readonly HistoryItem[];
  tag(reference: string, target: string): void;
  /**
   * Docker's rules: untags; deletes when the last name went, with parents that nothing else needs unless `noPrune`.
   * `usedBy(imageId)` names the container that uses an image, if any: Docker's conflict refusals.
   */
  remove(
    reference: string,
    options: {
      readonly force: boolean;
      readonly noPrune: boolean;
      readonly usedBy: (id: Digest) => { readonly id: string; readonly running: boolean } | undefined;
      /** Told once it is done, in order; layers are left out. An image that was untagged may be gone by then. */
      readonly onRemoved?: (event: { readonly action: "untag" | "delete"; readonly image: Image }) => void;
    },
  ): Promise<readonly RemovedImage[]>;
  /** OCI layout and docker-save archives, also compressed. Returns the ids loaded. */
  load(
    source: AsyncIterable<Uint8Array>,
    options: {
      readonly onProgress?: OnProgress;
      readonly signal?: AbortSignal;
      /** Images for other platforms are passed over. */
      readonly platform?: Platform | undefined;
    },
  ): Promise<readonly Digest[]>;
  /** The ids `save` takes for a reference: those of all its tags for a repository without one. Throws notFound. */
  chosenFor(reference: string): readonly Digest[];
  /** A tar with an OCI layout and docker-save's manifest.json side by side. */
  save(references: readonly string[], signal?: AbortSignal): AsyncIterable<Uint8Array>;
  import(request: ImportRequest): Promise<Digest>;
  create(image: NewImage): Promise<Digest>;
  /** Gives the manifest that an image is pushed and saved with these annotations, and no others. Throws notFound. */
  annotate(id: Digest, annotations: Readonly<Record<string, string>>): void;
  /** Compares everything stored with its digests; see verify.ts. */
  verify(signal?: AbortSignal): AsyncIterable<Finding>;
}
