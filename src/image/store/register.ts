import { invalidParameter, notFound } from "../../base/errors.ts";
import {
  chainIds,
  type Digest,
  digestOf,
  familiarRepository,
  type ImageConfig,
  parseImageConfig,
  parseReference,
  type Reference,
  repositoryName,
} from "../../oci/index.ts";
import type { Annotations } from "../catalog/image-table.ts";
import type { NewImage } from "../image.ts";
import { catalogName, findImage } from "./find-image.ts";
import type { Parts } from "./parts.ts";

export interface Registration {
  /** The configuration byte for byte. */
  readonly config: Uint8Array;
  readonly references: readonly Reference[];
  readonly parent?: Digest;
}

export interface Registered {
  readonly id: Digest;
  /** Names that pointed to other images before. */
  readonly moved: readonly { readonly reference: Reference; readonly from: Digest }[];
}

/** A name that may be given to an image: it has a tag and no digest. Throws invalidParameter. */
export function parseTarget(text: string): Reference {
  const reference = parseReference(text);
  if (reference.digest !== undefined)
    throw invalidParameter("refusing to create a tag with a digest reference");
  // "sha256:abc" would be taken for the start of an id everywhere else.
  if (familiarRepository(reference) === "sha256")
    throw invalidParameter("refusing to create an ambiguous tag using digest algorithm as name");
  return reference;
}

/** The commit point of every new image: its row and its names in one transaction. Its layers must be there. */
export function registerImage(parts: Parts, { config, references, parent }: Registration): Registered {
  const { db, images, layerTable } = parts;
  const parsed = parseImageConfig(config);
  const id = digestOf(config);
  return db.transaction(() => {
    const chainId = chainIds(parsed.rootfs.diff_ids).at(-1);
    const stack = layerTable.stack(chainId);
    if (chainId !== undefined && stack.length === 0)
      throw notFound(`layer ${chainId} of the new image does not exist`);
    const size = stack.reduce((total, layer) => total + layer.size, 0);
    const known = parent !== undefined && parent !== id && images.get(parent) ? parent : undefined;
    const isNew = images.insert({ id, chainId, parent: known, config, size, lastTagged: undefined });
    if (!isNew && known !== undefined) images.setParent(id, known);
    return { id, moved: references.flatMap((reference) => point(parts, reference, id)) };
  });
}

function point({ images }: Parts, reference: Reference, id: Digest): Registered["moved"] {
  const name = catalogName(reference);
  const before = images.reference(name)?.image;
  if (before !== id) {
    images.setReference({ name, repository: repositoryName(reference), image: id });
    images.setLastTagged(id, new Date().toISOString());
  }
  return before !== undefined && before !== id ? [{ reference, from: before }] : [];
}

/** `docker tag`. Throws notFound, invalidParameter. */
export function tagImage(parts: Parts, source: string, target: string): void {
  const reference = parseTarget(target);
  parts.db.transaction(() => point(parts, reference, findImage(parts, source).id));
}

/** Registers what commit and build made. */
export function createImage(parts: Parts, image: NewImage): Digest {
  const references = (image.references ?? []).map(parseTarget);
  return registerImage(parts, { config: encodeConfig(image.config), references, parent: image.parent }).id;
}

/** Throws notFound. */
export function annotateImage({ images }: Parts, id: Digest, annotations: Annotations): void {
  if (!images.get(id)) throw notFound(`No such image: ${id}`);
  images.setAnnotations(id, annotations);
}

export const encodeConfig = (config: ImageConfig): Uint8Array => Buffer.from(JSON.stringify(config));
