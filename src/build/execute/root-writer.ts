import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { conflict, errnoOf, invalidParameter, notImplemented } from "../../base/errors.ts";
import { bytesOf, type Content, cleanPath, type TreeNode } from "../context/index.ts";
import { fdPath, O_PATH, orMissing, type RootFolder, splitPath } from "./root-folder.ts";
import { isPortableXattr } from "./root-tree.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A place where a file with several names was put. */
export interface FirstName {
  readonly folder: string;
  readonly name: string;
  readonly inode: bigint;
}

const ROOT: Owner = { uid: 0, gid: 0 };
/** As many as the kernel follows (path_resolution(7)). */
const SYMLINK_LIMIT = 40;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const FOLDER_ITSELF = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const COPY_NEW = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;

/** Writes into a root filesystem: paths are resolved beneath it, the last names never through a symlink. */
export class RootWriter {
  readonly root: RootFolder;

  constructor(root: RootFolder) {
    this.root = root;
  }

  /**
   * Makes a folder and those above it where they are missing, also where a symlink leads to nothing yet. New ones get
   * the owner and mode 0755. Throws invalidParameter where something else stands in the way.
   */
  makeFolders(path: string, owner: Owner = ROOT): void {
    if (this.root.isFolder(path)) return;
    const rest = path.split("/");
    let [folder, followed] = ["", 0];
    while (rest.length > 0) {
      const name = rest.shift() ?? "";
      if (name === "" || name === ".") continue;
      const next = `${folder}/${name}`;
      const target = this.root.isFolder(next) ? undefined : this.root.target(next);
      if (name === "..") folder = splitPath(this.root.resolve(folder) ?? "").folder;
      else if (target === undefined) {
        if (!this.root.isFolder(next)) this.makeFolder(folder, name, owner, 0o755);
        folder = next;
      } else {
        if (++followed > SYMLINK_LIMIT) throw invalidParameter(`too many levels of symbolic links: ${path}`);
        if (target.startsWith("/")) folder = "";
        rest.unshift(...target.split("/"));
      }
    }
  }

  /** Where a file's path leads to when symlinks are followed, also to what is not there yet. Throws invalidParameter. */
  leadsTo(path: string): string {
    let at = path;
    for (let followed = 0; followed <= SYMLINK_LIMIT; followed++) {
      const target = this.root.target(at);
      if (target === undefined) return at;
      at = cleanPath(
        target.startsWith("/") ? target : `${this.root.resolve(splitPath(at).folder) ?? ""}/${target}`,
      );
    }
    throw invalidParameter(`too many levels of symbolic links: ${path}`);
  }

  makeFolder(folder: string, name: string, owner: Owner, mode: number): void {
    this.root.inFolder(folder, (at) => {
      const path = `${at}/${name}`;
      try {
        mkdirSync(path, 0o700);
      } catch (error) {
        if (errnoOf(error) !== "EEXIST") throw error;
        throw invalidParameter(
          `cannot make the folder ${folder}/${name}: it exists and is not a directory`,
          error,
        );
      }
      this.#finishFolder(path, owner, mode);
    });
  }

  /** Removes a symlink; anything else stays. */
  removeLink(folder: string, name: string): void {
    if (this.root.target(`${folder}/${name}`) !== undefined)
      this.root.inFolder(folder, (at) => unlinkSync(`${at}/${name}`));
  }

  /** Owner and mode of a folder itself, whatever stood in its place before. */
  #finishFolder(path: string, { uid, gid }: Owner, mode: number): void {
    const fd = openSync(path, FOLDER_ITSELF);
    try {
      lchownSync(path, uid, gid);
      chmodSync(fdPath(fd), mode);
    } finally {
      closeSync(fd);
    }
  }

  /** Gives a folder the attributes of another. */
  setFolder(folder: string, name: string, node: TreeNode, owner: Owner): void {
    this.root.inFolder(folder, (at, fd) => {
      const path = `${at}/${name}`;
      this.#finishFolder(path, owner, node.mode);
      this.#extras(path, fd, name, node);
    });
  }

  setFolderTimes(folder: string, name: string, { mtime }: TreeNode): void {
    this.root.inFolder(folder, (_at, fd) => this.root.files.setTimesAt(fd, name, mtime, mtime));
  }

  /** Puts one entry that is not a folder in its place; another file there is replaced, a folder refused. */
  async put(
    folder: string,
    name: string,
    node: TreeNode,
    content: Content | undefined,
    owner: Owner,
  ): Promise<void> {
    await this.root.whileInFolder(folder, async (at, fd) => {
      const path = `${at}/${name}`;
      clear(path, `/${folder}/${name}`.replace(/^\/+/, "/"));
      switch (node.type) {
        case "file":
          await writeFile(path, content ?? { bytes: new Uint8Array() }, owner, node.mode);
          break;
        case "symlink":
          symlinkSync(node.target, path);
          lchownSync(path, owner.uid, owner.gid);
          break;
        case "directory":
          throw conflict(`${folder}/${name} is a folder`);
        default:
          this.#device(fd, name, path, node, owner);
      }
      this.#extras(path, fd, name, node);
    });
  }

  /** Another name for a file that is there; false when it is not the one with the number `inode` any more. */
  link(folder: string, name: string, to: FirstName): boolean {
    return this.root.inFolder(to.folder, (at) => {
      const file = `${at}/${to.name}`;
      if (lstatSync(file, { bigint: true, throwIfNoEntry: false })?.ino !== to.inode) return false;
      return this.root.inFolder(folder, (above) => {
        const path = `${above}/${name}`;
        clear(path, `/${folder}/${name}`.replace(/^\/+/, "/"));
        linkSync(file, path);
        return true;
      });
    });
  }

  inodeOf(folder: string, name: string): bigint {
    return this.root.inFolder(folder, (at) => lstatSync(`${at}/${name}`, { bigint: true }).ino);
  }

  #device(
    fd: number,
    name: string,
    path: string,
    node: Extract<TreeNode, { type: "fifo" | "char" | "block" }>,
    owner: Owner,
  ): void {
    if (node.type === "char" && node.major === 0 && node.minor === 0) {
      throw notImplemented(
        `cannot copy the device ${name} with the number 0:0: layers use it as the mark of a deleted file`,
      );
    }
    const numbers = node.type === "fifo" ? [0, 0] : [node.major, node.minor];
    this.root.files.mknodAt(fd, name, node.type, 0o600, numbers[0], numbers[1]);
    lchownSync(path, owner.uid, owner.gid);
    chmodSync(path, node.mode);
  }

  #extras(path: string, fd: number, name: string, node: TreeNode): void {
    for (const [key, value] of node.xattrs)
      if (isPortableXattr(key)) this.root.files.setXattr(path, key, value);
    this.root.files.setTimesAt(fd, name, node.mtime, node.mtime);
  }
}

function clear(path: string, shown: string): void {
  const stat = orMissing(() => lstatSync(path));
  if (stat?.isDirectory()) throw invalidParameter(`cannot copy to ${shown}: a directory is in its place`);
  if (stat) unlinkSync(path);
}

async function writeFile(path: string, content: Content, { uid, gid }: Owner, mode: number): Promise<void> {
  // A file of its own may be shared with its copy by the file system; a part of one cannot.
  const isCopied = "path" in content && !content.part;
  if (isCopied) {
    try {
      await copyFile(content.path, path, COPY_NEW);
    } finally {
      content.close();
    }
  }
  const fd = openSync(path, isCopied ? constants.O_WRONLY | constants.O_NOFOLLOW : NEW_FILE, 0o600);
  try {
    if (!isCopied) writeAll(fd, bytesOf(content));
    // The owner first: changing it takes setuid and setgid off.
    fchownSync(fd, uid, gid);
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
