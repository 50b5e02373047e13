import type { Digest } from "../../oci/index.ts";
import type { Kit } from "./kit.ts";

/** Bytes of the writable layer, and of the whole root filesystem. */
export async function size(
  kit: Kit,
  reference: string,
): Promise<{ readonly rw: number; readonly rootFs: number }> {
  const { id, record } = kit.table.resolve(reference);
  const rw = await kit.layers.usage(id);
  const image = kit.images.get(record.document.image as Digest);
  return { rw, rootFs: rw + (image?.size ?? 0) };
}
