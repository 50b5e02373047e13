import {
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  type Stats,
  symlinkSync,
} from "node:fs";
import { basename, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { deviceNumbers } from "../../../base/device-numbers.ts";
import { cancelled, errnoOf } from "../../../base/errors.ts";
import { timestampOf } from "../../../base/tar/stat.ts";
import type { Files } from "../../../kernel/index.ts";
import { diskFull, isDiskFull } from "../../disk-full.ts";
import { lookUp } from "../pack/lower-view.ts";
import { ownXattrs } from "../pack/walk.ts";
import type { CopyJob, JobContext } from "../worker/jobs.ts";

/** Entries between two looks at whether the work is still wanted. */
const STRIDE = 256;
const UNSUPPORTED: ReadonlySet<string | undefined> = new Set(["ENOTSUP", "EOPNOTSUPP"]);

/**
 * Copies what overlayfs would show of layers into a folder, which may be there already if it is empty. File data is
 * shared with the layers where the filesystem can. Layers never change, so plain paths are safe here.
 */
export async function copyTree(
  { lowers, target }: CopyJob,
  files: Files,
  { signal }: JobContext,
): Promise<undefined> {
  const copier = new TreeCopier(files);
  let count = 0;
  try {
    for (const _ of copier.root(lowers, target)) {
      if (++count % STRIDE !== 0) continue;
      await nextTurn(); // lets a cancellation in
      if (signal.aborted) throw cancelled("copying the layers was cancelled");
    }
  } catch (error) {
    if (isDiskFull(error)) throw diskFull("cannot copy layers", error);
    throw error;
  }
  return undefined;
}

class TreeCopier {
  readonly #files: Files;
  /** First copies of files with several names. */
  readonly #links = new Map<string, string>();

  constructor(files: Files) {
    this.#files = files;
  }

  *root(lowers: readonly string[], target: string): Generator<undefined> {
    mkdirSync(target, { recursive: true, mode: 0o700 });
    const [top] = lowers;
    if (top === undefined) {
      chmodSync(target, 0o755);
      return;
    }
    yield* this.#content(lowers, target);
    this.#attributes(top, lstatSync(top), target);
  }

  *#content(folders: readonly string[], target: string): Generator<undefined> {
    for (const name of new Set(folders.flatMap((folder) => readdirSync(folder)))) {
      const found = lookUp(this.#files, folders, name);
      if (!found) continue;
      const path = join(target, name);
      if (found.stat.isDirectory()) {
        mkdirSync(path, { mode: 0o700 });
        yield* this.#content(found.folders, path);
        this.#attributes(found.path, found.stat, path);
      } else this.#entry(found.path, found.stat, path);
      yield;
    }
  }

  #entry(source: string, stat: Stats, path: string): void {
    const inode = `${stat.dev}:${stat.ino}`;
    const first = stat.nlink > 1 ? this.#links.get(inode) : undefined;
    if (first !== undefined) {
      linkSync(first, path);
      return;
    }
    if (stat.isFile()) copyFileSync(source, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(source), path);
    else this.#node(stat, path);
    this.#attributes(source, stat, path);
    if (stat.nlink > 1) this.#links.set(inode, path);
  }

  #node(stat: Stats, path: string): void {
    const kind = stat.isFIFO() ? "fifo" : stat.isBlockDevice() ? "block" : "char";
    const { major, minor } = deviceNumbers(stat.rdev);
    const folder = this.#files.openRoot(join(path, ".."));
    try {
      this.#files.mknodAt(folder, basename(path), kind, 0o600, major, minor);
    } finally {
      this.#files.close(folder);
    }
  }

  /** Owner first: a change of it takes setuid bits away. */
  #attributes(source: string, stat: Stats, path: string): void {
    lchownSync(path, stat.uid, stat.gid);
    if (!stat.isSymbolicLink()) chmodSync(path, stat.mode & 0o7777);
    for (const name of ownXattrs(this.#files, source)) {
      try {
        this.#files.setXattr(path, name, this.#files.getXattr(source, name) ?? new Uint8Array(0));
      } catch (error) {
        if (!UNSUPPORTED.has(errnoOf(error))) throw error;
      }
    }
    const { mtimeNs } = lstatSync(source, { bigint: true });
    const time = timestampOf(mtimeNs);
    const folder = this.#files.openRoot(join(path, ".."));
    try {
      this.#files.setTimesAt(folder, basename(path), time, time);
    } finally {
      this.#files.close(folder);
    }
  }
}
