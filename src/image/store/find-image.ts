import { notFound } from "../../base/errors.ts";
import {
  canonicalName,
  type Digest,
  familiarName,
  type ImageConfig,
  isDigest,
  parseReference,
  type Reference,
  repositoryName,
} from "../../oci/index.ts";
import type { ImageRow, ReferenceRow } from "../catalog/image-table.ts";
import type { Image } from "../image.ts";
import { memo } from "./memo.ts";
import type { Parts } from "./parts.ts";

/** The catalog's name for a reference: a digest decides where there is one, the tag beside it is for readers. */
export const catalogName = (reference: Reference): string =>
  reference.digest === undefined
    ? canonicalName(reference)
    : `${repositoryName(reference)}@${reference.digest}`;

/** True when `text` is the image's id or the start of it, with or without "sha256:". */
export const isIdPrefix = (id: Digest, text: string): boolean =>
  text !== "" && (id.startsWith(text) || id.startsWith(`sha256:${text}`));

/** By full id, name, or unique start of an id, in Docker's order. Throws notFound, invalidParameter. */
export function findImage({ images }: Pick<Parts, "images">, text: string): ImageRow {
  const full = /^[a-f0-9]{64}$/.test(text) ? `sha256:${text}` : text;
  if (isDigest(full)) {
    const row = images.get(full);
    if (row) return row;
    throw notFound(`No such image: ${text}`);
  }
  const reference = parseReference(text);
  const named = images.reference(catalogName(reference));
  const row = named && images.get(named.image);
  return row ?? findByPrefix(images, text, familiarName(reference));
}

function findByPrefix(images: Parts["images"], text: string, name: string): ImageRow {
  const prefix = text.startsWith("sha256:") ? text : `sha256:${text}`;
  const ids = /^sha256:[a-f0-9]+$/.test(prefix) ? images.idsByPrefix(prefix as Digest) : [];
  if (ids.length > 1)
    throw notFound(`No such image: ${text} (several image ids start like this: give more digits)`);
  const row = ids[0] && images.get(ids[0]);
  if (!row) throw notFound(`No such image: ${name}`);
  return row;
}

/** The configuration of an image in the catalog: it was checked when it came in. */
export const configOf = ({ id, config }: ImageRow): ImageConfig => configs(id, () => parsedConfig(config));

/** Listings come often, and an id always stands for the same bytes. Some kilobytes each. */
const configs = memo<ImageConfig>(4096);

function parsedConfig(config: Uint8Array): ImageConfig {
  const parsed: ImageConfig = JSON.parse(Buffer.from(config).toString("utf8"));
  const { type, diff_ids } = parsed.rootfs;
  return { ...parsed, os: parsed.os || "linux", rootfs: { type, diff_ids: diff_ids ?? [] } };
}

/** "busybox:latest" for a row of the catalog. */
export const familiarRow = ({ name }: ReferenceRow): string =>
  familiarNames(name, () => familiarName(parseReference(name)));
const familiarNames = memo<string>(8192);

/** The image as the engine sees it. `references`: the names that point to it. */
export function imageOf(row: ImageRow, references: readonly ReferenceRow[]): Image {
  const names = references.map(familiarRow).sort();
  return {
    id: row.id,
    config: configOf(row),
    chainId: row.chainId,
    repoTags: names.filter((name) => !name.includes("@")),
    repoDigests: names.filter((name) => name.includes("@")),
    size: row.size,
    parent: row.parent,
    lastTagged: row.lastTagged,
  };
}

/** All images, those without names too. */
export function listImages({ images }: Parts): readonly Image[] {
  const byImage = Map.groupBy(images.references(), ({ image }) => image);
  return images.list().map((row) => imageOf(row, byImage.get(row.id) ?? []));
}
