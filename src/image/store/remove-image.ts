import { conflict, type EngineError } from "../../base/errors.ts";
import { shortId } from "../../base/ids.ts";
import { type Digest, hexOf, parseReference } from "../../oci/index.ts";
import type { ReferenceRow } from "../catalog/image-table.ts";
import type { LayerRow } from "../catalog/layer-table.ts";
import type { Image, Images, RemovedImage } from "../image.ts";
import { catalogName, familiarRow, findImage, imageOf, isIdPrefix } from "./find-image.ts";
import type { Parts } from "./parts.ts";

export type RemoveOptions = Parameters<Images["remove"]>[1];

/** Reasons not to delete an image. "hard" ones hold even against force. */
interface Obstacle {
  readonly isHard: boolean;
  readonly isUse: boolean;
  readonly message: string;
}

const short = (id: Digest): string => shortId(hexOf(id));

/**
 * `docker rmi`. A name is taken away; the image goes with its last name, and with it the parents that nothing needs.
 * By id an image goes with all its names if they are in one repository. Throws notFound, conflict.
 */
export async function removeImage(
  parts: Parts,
  text: string,
  options: RemoveOptions,
): Promise<readonly RemovedImage[]> {
  const removing = new Removing(parts, options);
  parts.db.transaction(() => removing.run(text));
  for (const event of removing.events) options.onRemoved?.(event);
  await parts.layers.discard(removing.layers);
  return removing.removed;
}

class Removing {
  readonly #parts: Parts;
  readonly #options: RemoveOptions;
  readonly removed: RemovedImage[] = [];
  readonly events: { readonly action: "untag" | "delete"; readonly image: Image }[] = [];
  /** Out of the database with the transaction; their folders go after it. */
  readonly layers: LayerRow[] = [];

  constructor(parts: Parts, options: RemoveOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  run(text: string): void {
    const { id } = findImage(this.#parts, text);
    if (isIdPrefix(id, text) && !this.#isName(id, text)) this.#byId(id);
    else this.#byName(id, text);
  }

  /** A tag that looks like the beginning of its image's id, such as "a", is meant as the tag. */
  #isName(id: Digest, text: string): boolean {
    if (!/^[0-9a-f]{1,63}$/.test(text)) return false;
    const name = catalogName(parseReference(text));
    return this.#parts.images.referencesTo(id).some((row) => row.name === name);
  }

  #byName(id: Digest, text: string): void {
    const before = this.#parts.images.referencesTo(id);
    const user = this.#options.usedBy(id);
    if (!this.#options.force && isSingle(before) && user) {
      const what = `unable to remove repository reference "${text}" (must force)`;
      throw conflict(
        `conflict: ${what} - container ${shortId(user.id)} is using its referenced image ${short(id)}`,
      );
    }
    const name = catalogName(parseReference(text));
    const row = before.find((reference) => reference.name === name);
    if (row) this.#untag(row);
    this.#dropLonelyDigests(id, row);
    if (this.#parts.images.referencesTo(id).length > 0) return;
    this.#delete(id, { force: this.#options.force, isQuiet: true });
  }

  /** Once the last tag of a repository is gone, the digests kept beside it name nothing people asked for. */
  #dropLonelyDigests(id: Digest, removed: ReferenceRow | undefined): void {
    if (!removed || isDigestRow(removed)) return;
    const rest = this.#parts.images
      .referencesTo(id)
      .filter(({ repository }) => repository === removed.repository);
    if (rest.every(isDigestRow)) for (const row of rest) this.#untag(row);
  }

  #byId(id: Digest): void {
    const references = this.#parts.images.referencesTo(id);
    if (isSingle(references)) {
      const obstacle = this.#inTheWay(id, { soft: !this.#options.force, ignoreNames: true });
      if (obstacle) throw refusal(id, obstacle);
      for (const row of references) this.#untag(row);
    }
    this.#delete(id, { force: this.#options.force, isQuiet: false });
  }

  /** `isQuiet`: what is in the way only means that the image stays, unless its last name just went. */
  #delete(id: Digest, { force, isQuiet }: { readonly force: boolean; readonly isQuiet: boolean }): void {
    const { images } = this.#parts;
    const obstacle = this.#inTheWay(id, { soft: !force, ignoreNames: false });
    if (obstacle) {
      const isDangling = images.referencesTo(id).length === 0 && images.children(id).length === 0;
      if (isQuiet && (!isDangling || obstacle.isUse)) return;
      throw refusal(id, obstacle);
    }
    const row = images.get(id);
    for (const reference of images.referencesTo(id)) this.#untag(reference);
    this.#note("delete", id);
    images.delete(id);
    const layers = this.#parts.layers.takeUnused(row?.chainId);
    this.layers.push(...layers);
    this.removed.push({ Deleted: id }, ...layers.map(({ chainId }) => ({ Deleted: chainId })));
    if (row?.parent !== undefined && !this.#options.noPrune && images.get(row.parent)) {
      this.#delete(row.parent, { force: false, isQuiet: true });
    }
  }

  #inTheWay(
    id: Digest,
    { soft, ignoreNames }: { readonly soft: boolean; readonly ignoreNames: boolean },
  ): Obstacle | undefined {
    const { images } = this.#parts;
    if (images.children(id).length > 0)
      return { isHard: true, isUse: false, message: "image has dependent child images" };
    const user = this.#options.usedBy(id);
    const using = (state: string) => `image is being used by ${state} container ${shortId(user?.id ?? "")}`;
    if (user?.running) return { isHard: true, isUse: true, message: using("running") };
    if (!soft) return undefined;
    const isNamed = !ignoreNames && images.referencesTo(id).length > 0;
    if (isNamed)
      return { isHard: false, isUse: false, message: "image is referenced in multiple repositories" };
    return user && { isHard: false, isUse: true, message: using("stopped") };
  }

  #note(action: "untag" | "delete", id: Digest): void {
    const row = this.#parts.images.get(id);
    if (row) this.events.push({ action, image: imageOf(row, []) });
  }

  #untag(row: ReferenceRow): void {
    this.#note("untag", row.image);
    this.#parts.images.deleteReference(row.name);
    this.removed.push({ Untagged: familiarRow(row) });
  }
}

function refusal(id: Digest, { isHard, message }: Obstacle): EngineError {
  return conflict(
    `conflict: unable to delete ${short(id)} (${isHard ? "cannot" : "must"} be forced) - ${message}`,
  );
}

const isDigestRow = ({ name }: ReferenceRow): boolean => name.includes("@");

/** At most one tag, and every digest in that tag's repository. */
function isSingle(references: readonly ReferenceRow[]): boolean {
  const tags = references.filter((row) => !isDigestRow(row));
  return tags.length <= 1 && new Set(references.map(({ repository }) => repository)).size <= 1;
}
