import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { Files } from "../../../kernel/index.ts";
import { OPAQUE_XATTR } from "../apply/entry-path.ts";
import { isWhiteout } from "../apply/layer-writer.ts";

/** What a name means in the layers below: the entry seen, and for a folder all the folders that are merged into it. */
export interface LowerEntry {
  readonly path: string;
  readonly stat: Stats;
  /** Topmost first; empty for all but folders. */
  readonly folders: readonly string[];
}

export const isOpaque = (files: Files, path: string): boolean =>
  files.getXattr(path, OPAQUE_XATTR)?.[0] === "y".charCodeAt(0);

/**
 * Looks a name up in merged folders the way overlayfs does: topmost first; a whiteout or anything but a folder ends the
 * search, an opaque folder ends the merging. Undefined when nothing is visible there.
 */
export function lookUp(files: Files, folders: readonly string[], name: string): LowerEntry | undefined {
  let seen: { readonly path: string; readonly stat: Stats } | undefined;
  const merged: string[] = [];
  for (const folder of folders) {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) continue;
    if (isWhiteout(stat)) break;
    if (!stat.isDirectory()) {
      seen ??= { path, stat };
      break;
    }
    seen ??= { path, stat };
    merged.push(path);
    if (isOpaque(files, path)) break;
  }
  return seen && { ...seen, folders: merged };
}
