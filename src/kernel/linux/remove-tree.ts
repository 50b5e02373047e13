import { constants } from "node:fs";
import { Descent, type FolderCalls } from "../../base/descent.ts";
import { entriesOf, type FileName } from "../../base/entries.ts";
import { errnoOf } from "../../base/errors.ts";
import { MountInTree } from "../errors.ts";
import type { Files } from "../files.ts";

/** So often a folder is emptied in which new entries appear meanwhile. */
const ROUNDS = 3;
const NO_FOLDER: ReadonlySet<string | undefined> = new Set(["ENOTDIR", "ELOOP"]);
const MOUNTED: ReadonlySet<string | undefined> = new Set(["EXDEV", "EBUSY"]);

/** A folder that is being emptied. */
interface Emptied {
  /** Folders in it that are still to go. */
  readonly folders: FileName[];
  readonly round: number;
}

/** One removal: the folders on the way to the deepest are on `#open`, and not on the stack. */
class TreeRemoval {
  readonly #unlink: Files["unlinkAt"];
  readonly #descent: Descent;
  readonly #open: Emptied[] = [];

  constructor(parent: number, calls: FolderCalls, unlink: Files["unlinkAt"]) {
    this.#unlink = unlink;
    this.#descent = new Descent(parent, calls);
  }

  run(name: FileName): void {
    try {
      this.#begin(name, 1);
      for (let here = this.#open.at(-1); here; here = this.#open.at(-1)) {
        const next = here.folders.pop();
        if (next === undefined) this.#end(here);
        else this.#begin(next, 1);
      }
    } finally {
      this.#descent.close();
    }
  }

  /** Takes the files of a folder away, and takes it down for the rest. */
  #begin(name: FileName, round: number): void {
    try {
      this.#descent.enter(name);
    } catch (error) {
      // A file; or what was a folder when it was listed. If it is one again, the folder above is emptied once more.
      if (NO_FOLDER.has(errnoOf(error))) this.#remove(name, false);
      else this.#unlessGone(error, name);
      return;
    }
    const folders: FileName[] = [];
    this.#open.push({ folders, round });
    for (const entry of this.#entries()) {
      if (entry.isDirectory() || !this.#remove(entry.name, false)) folders.push(entry.name);
    }
  }

  #entries() {
    try {
      return entriesOf(`/proc/self/fd/${this.#descent.fd}`);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return []; // somebody else has removed it
      throw error;
    }
  }

  #end({ round }: Emptied): void {
    this.#open.pop();
    const name = this.#descent.leave();
    if (!this.#remove(name, true, round < ROUNDS)) this.#begin(name, round + 1);
  }

  /** False: a file turned out to be a folder, or a folder (that may be full: `mayBeFull`) not to be empty. */
  #remove(name: FileName, directory: boolean, mayBeFull = false): boolean {
    try {
      this.#unlink(this.#descent.fd, name, { directory });
    } catch (error) {
      const code = errnoOf(error);
      if (code === "EISDIR" && this.#open.length > 0) return false;
      if (code === "ENOTEMPTY" && mayBeFull) return false;
      this.#unlessGone(error, name);
    }
    return true;
  }

  #unlessGone(error: unknown, name: FileName): void {
    if (errnoOf(error) === "ENOENT") return;
    throw MOUNTED.has(errnoOf(error)) ? new MountInTree(this.#descent.path(name), error) : error;
  }
}

/** `Files.removeTree`, made of other calls. */
export function removeTree(
  files: Pick<Files, "openRoot" | "unlinkAt" | "close">,
  open: (dir: number, name: FileName, flags: number) => number,
  parent: number | string,
  name: FileName,
): void {
  const calls: FolderCalls = {
    open: (dir, entry) => open(dir, entry, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW),
    close: files.close,
  };
  const top = typeof parent === "string" ? files.openRoot(parent) : parent;
  try {
    new TreeRemoval(top, calls, files.unlinkAt).run(name);
  } finally {
    if (typeof parent === "string") files.close(top);
  }
}
