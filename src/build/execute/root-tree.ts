import { constants } from "node:fs";
import { deviceNumbers } from "../../base/device-numbers.ts";
import { timestampOf } from "../../base/tar/stat.ts";
import { byBytes, type Content, type SourceTree, type TreeNode } from "../context/index.ts";
import { fdPath, type RootFolder, splitPath } from "./root-folder.ts";

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

/** Attributes that belong to a file's content; others are the filesystem's own business (or a union's inner marks). */
export const isPortableXattr = (name: string): boolean =>
  name.startsWith("user.") || name === "security.capability";

/** A mounted root filesystem as something to copy from. */
export class RootTree implements SourceTree {
  readonly #root: RootFolder;

  constructor(root: RootFolder) {
    this.#root = root;
  }

  resolve(path: string): string | undefined {
    return this.#root.resolve(path);
  }

  node(path: string): TreeNode | undefined {
    const stat = this.#root.stat(path);
    if (!stat) return undefined;
    const common = {
      mode: Number(stat.mode) & 0o7777,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      mtime: timestampOf(stat.mtimeNs),
      xattrs: NO_XATTRS,
    };
    if (stat.isFile())
      return { ...common, type: "file", size: Number(stat.size), xattrs: this.#xattrs(path) };
    if (stat.isDirectory()) return { ...common, type: "directory", xattrs: this.#xattrs(path) };
    if (stat.isSymbolicLink()) return { ...common, type: "symlink", target: this.#root.target(path) ?? "" };
    if (stat.isFIFO()) return { ...common, type: "fifo" };
    if (!stat.isCharacterDevice() && !stat.isBlockDevice()) return undefined;
    return { ...common, type: stat.isBlockDevice() ? "block" : "char", ...deviceNumbers(stat.rdev) };
  }

  list(path: string): readonly string[] {
    return [...this.#root.names(path)].sort(byBytes);
  }

  content(path: string): Content {
    const fd = this.#root.open(path, READ);
    return { path: fdPath(fd), close: () => this.#root.files.close(fd) };
  }

  identity(path: string): unknown {
    const stat = this.#root.stat(path);
    return stat?.isFile() && stat.nlink > 1n ? `${stat.dev}:${stat.ino}` : undefined;
  }

  #xattrs(path: string): ReadonlyMap<string, Uint8Array> {
    const { files } = this.#root;
    const { folder, name } = splitPath(path);
    return this.#root.inFolder(folder, (at) => {
      const entry = `${at}/${name || "."}`;
      const names = files.listXattrs(entry).filter(isPortableXattr);
      if (names.length === 0) return NO_XATTRS;
      return new Map(
        names.flatMap((key) => {
          const value = files.getXattr(entry, key);
          return value ? [[key, value] as const] : [];
        }),
      );
    });
  }
}
