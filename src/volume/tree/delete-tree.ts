import { conflict } from "../../base/errors.ts";
import { type Files, MountInTree } from "../../kernel/index.ts";

/**
 * Deletes `name` in the folder `parent` with all below it, if it is there. Throws conflict where something is mounted in
 * it: that belongs to somebody else. Blocking.
 */
export function deleteTree(files: Files, parent: string, name: string): void {
  try {
    files.removeTree(parent, name);
  } catch (error) {
    if (!(error instanceof MountInTree)) throw error;
    throw conflict(`${error.path} is a mount point; unmount it, the data below it is left alone`, error);
  }
}
