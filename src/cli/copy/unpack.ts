import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join, posix } from "node:path";
import type { TarEntry } from "../../base/tar/entry.ts";
import { TarReader, type TarSink } from "../../base/tar/reader.ts";

/** The name that a member is given here: the archive's top is called otherwise where it goes to. */
export type Rename = (name: string) => string;

/**
 * Unpacks an archive below a folder. The archive comes from a container and is not to be trusted: no name leads out of
 * the folder, and nothing is written through a symbolic link that the archive (or anybody) put into the way. Owners
 * are left as they are here. Gives the bytes of the files.
 */
export async function unpack(
  archive: AsyncIterable<Uint8Array>,
  folder: string,
  rename: Rename,
): Promise<number> {
  const sink = new FolderSink(folder, rename);
  const reader = new TarReader(sink);
  try {
    for await (const chunk of archive) reader.write(chunk);
    reader.finish();
  } finally {
    sink.close();
  }
  sink.settle();
  return sink.bytes;
}

class FolderSink implements TarSink {
  bytes = 0;
  readonly #folder: string;
  readonly #rename: Rename;
  #file: number | undefined;
  #entry: TarEntry | undefined;
  /** Folders get their times and modes last: what is put into them changes the one and needs the other. */
  readonly #folders: (readonly [path: string, entry: TarEntry])[] = [];

  constructor(folder: string, rename: Rename) {
    this.#folder = folder;
    this.#rename = rename;
  }

  entry(entry: TarEntry): void {
    this.#entry = entry;
    const name = this.#nameOf(entry.name);
    if (name === undefined) return;
    const path = join(this.#folder, name);
    if (name !== ".") this.#checkParents(name);
    switch (entry.type) {
      case "directory":
        this.#makeFolder(path, entry);
        break;
      case "file":
        this.#clear(path);
        this.#file = openSync(
          path,
          constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
          0o600,
        );
        break;
      case "symlink":
        this.#clear(path);
        symlinkSync(entry.linkName, path);
        lutimesSync(path, entry.mtime.seconds, entry.mtime.seconds);
        break;
      case "link":
        this.#link(path, entry.linkName);
        break;
      default:
        // Devices and pipes of a container are nothing for this machine.
        break;
    }
  }

  /** Where a member goes, below the folder; undefined when nowhere. */
  #nameOf(name: string): string | undefined {
    const clean = posix
      .normalize(`/${this.#rename(name.replace(/^(\.?\/)+/, ""))}`)
      .slice(1)
      .replace(/\/$/, "");
    return clean === "" ? "." : clean;
  }

  #checkParents(name: string): void {
    let path = this.#folder;
    for (const part of name.split("/").slice(0, -1)) {
      path = join(path, part);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined) mkdirSync(path, 0o755);
      else if (!stat.isDirectory()) throw new Error(`cannot write ${name}: ${path} is not a directory`);
    }
  }

  #makeFolder(path: string, entry: TarEntry): void {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && !stat.isDirectory() && path !== this.#folder)
      throw new Error(`cannot overwrite non-directory ${JSON.stringify(path)} with directory`);
    if (stat === undefined) mkdirSync(path, 0o700);
    if (path !== this.#folder) this.#folders.push([path, entry]);
  }

  #clear(path: string): void {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory())
      throw new Error(`cannot overwrite directory ${JSON.stringify(path)} with non-directory`);
    if (stat) rmSync(path);
  }

  #link(path: string, target: string): void {
    const name = this.#nameOf(target) ?? ".";
    this.#checkParents(name);
    this.#clear(path);
    const from = join(this.#folder, name);
    if (lstatSync(from).isSymbolicLink()) throw new Error(`cannot link to ${target}: it is a symbolic link`);
    linkSync(from, path);
  }

  data(chunk: Uint8Array, position: number): void {
    if (this.#file === undefined) return;
    for (let at = 0; at < chunk.length; )
      at += writeSync(this.#file, chunk, at, chunk.length - at, position + at);
    this.bytes += chunk.length;
  }

  end(): void {
    if (this.#file === undefined || this.#entry === undefined) return;
    ftruncateSync(this.#file, this.#entry.size);
    fchmodSync(this.#file, this.#entry.mode);
    futimesSync(this.#file, this.#entry.mtime.seconds, this.#entry.mtime.seconds);
    this.close();
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  settle(): void {
    for (const [path, { mode, mtime }] of this.#folders.toReversed()) {
      chmodSync(path, mode);
      utimesSync(path, mtime.seconds, mtime.seconds);
    }
  }
}
