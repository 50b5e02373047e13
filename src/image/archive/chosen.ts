import { type Digest, parseReference, type Reference, repositoryName } from "../../oci/index.ts";
import type { ImageRow } from "../catalog/image-table.ts";
import { catalogName, findImage, isIdPrefix } from "../store/find-image.ts";
import type { Parts } from "../store/parts.ts";

/** An image to save and the names it is saved under. */
export interface ChosenImage {
  readonly row: ImageRow;
  readonly references: readonly Reference[];
}

/**
 * What `docker save` takes: a name saves that name, a repository without tag all its tags, an id the image without
 * names. Each image once. Throws notFound.
 */
export function chooseImages(parts: Parts, texts: readonly string[]): readonly ChosenImage[] {
  const chosen = new Map<Digest, { readonly row: ImageRow; readonly references: Map<string, Reference> }>();
  const add = (row: ImageRow, reference?: Reference) => {
    const entry = chosen.get(row.id) ?? { row, references: new Map<string, Reference>() };
    if (reference) entry.references.set(catalogName(reference), reference);
    chosen.set(row.id, entry);
  };
  for (const text of texts) for (const { row, reference } of chooseOne(parts, text)) add(row, reference);
  return [...chosen.values()].map(({ row, references }) => ({ row, references: [...references.values()] }));
}

function chooseOne(
  parts: Parts,
  text: string,
): readonly { readonly row: ImageRow; readonly reference?: Reference }[] {
  if (!/[@:]/.test(text.split("/").at(-1) ?? "") && !/^[a-f0-9]{64}$/.test(text)) {
    const tags = allTags(parts, text);
    if (tags.length > 0) return tags;
  }
  const row = findImage(parts, text);
  if (isIdPrefix(row.id, text)) return [{ row }];
  const reference = parseReference(text);
  return [reference.digest === undefined ? { row, reference } : { row }];
}

function allTags(
  { images }: Parts,
  repository: string,
): readonly { readonly row: ImageRow; readonly reference: Reference }[] {
  return images.referencesIn(repositoryName(parseReference(repository))).flatMap(({ name, image }) => {
    const row = name.includes("@") ? undefined : images.get(image);
    return row ? [{ row, reference: parseReference(name) }] : [];
  });
}
