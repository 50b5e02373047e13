import { constants as fs, readFileSync } from "node:fs";
import { constants } from "node:os";
import { posix } from "node:path";
import { isMainThread } from "node:worker_threads";
import type { ContainerMounts, MountInside } from "../container-mounts.ts";
import type { Files } from "../files.ts";
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  check,
  close,
  cString,
  kernelError,
  lastErrno,
  native,
  O_PATH,
  openAt,
  SYS,
  withDescriptor,
} from "./libc.ts";
import { parseMountInfo } from "./mountinfo.ts";

const setns = native("setns", "int", "int", "int");
const unshare = native("unshare", "int", "int");
const fchdir = native("fchdir", "int", "int");
const umount2 = native("umount2", "int", "str", "int");
const readlinkat = native("readlinkat", "long", "int", "str", "void *", "size_t");
const openTree = native("syscall", "long", "long", "int", "str", "uint");
const mountSetattr = native("syscall", "long", "long", "int", "str", "uint", "void *", "size_t");
const moveMount = native("syscall", "long", "long", "int", "str", "int", "str", "uint");
const faccessat = native("faccessat", "int", "int", "str", "int", "int");

const CLONE_NEWNS = 0x20000;
const CLONE_FS = 0x200;
const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0x80000;
const AT_RECURSIVE = 0x8000;
const AT_EMPTY_PATH = 0x1000;
const MOVE_MOUNT_F_EMPTY_PATH = 0x4;
const MOVE_MOUNT_EMPTY_PATHS = MOVE_MOUNT_F_EMPTY_PATH | 0x40;
const MOUNT_ATTR_RDONLY = 1n;
const MS_PRIVATE = 1n << 18n;
const UMOUNT_NOFOLLOW = 8;
const PATH_MAX = 4096;
const { EINVAL, ENOENT, EPERM } = constants.errno;

let ownsDirectory = false;

/** setns(2) into a mount namespace is refused to a thread that shares its working directory with others. */
function ownDirectory(): void {
  if (isMainThread) throw kernelError("setns", EPERM, "mount namespaces are entered on worker threads only");
  if (!ownsDirectory) check(unshare(CLONE_FS), "unshare", "CLONE_FS");
  ownsDirectory = true;
}

/** Nothing of Node runs inside: no file of the host can be read there. A thread that cannot get back ends. */
function inside<T>(pid: number, body: () => T): T {
  ownDirectory();
  return withDescriptor(openAt(AT_FDCWD, "/proc/thread-self/ns/mnt", 0), (home) =>
    withDescriptor(openAt(AT_FDCWD, `/proc/${pid}/ns/mnt`, 0), (theirs) => {
      check(setns(theirs, CLONE_NEWNS), "setns", `mount namespace of process ${pid}`);
      try {
        return body();
      } finally {
        if (setns(home, CLONE_NEWNS) !== 0) process.exit(1);
      }
    }),
  );
}

/** struct mount_attr: attr_set, attr_clr, propagation, userns_fd. */
function setAttributes(tree: number, { readonly, recursive }: MountInside): void {
  const attributes = new Uint8Array(
    new BigUint64Array([readonly ? MOUNT_ATTR_RDONLY : 0n, 0n, MS_PRIVATE, 0n]).buffer,
  );
  const flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  check(mountSetattr(SYS.mountSetattr, tree, "", flags, attributes, attributes.length), "mount_setattr");
}

/** A copy of the mount at the source that nobody sees yet; it is gone with its descriptor. */
function cloneTree({ source, recursive }: MountInside): number {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
  return check(openTree(SYS.openTree, AT_FDCWD, cString(source, "open_tree"), flags), "open_tree", source);
}

const exists = (dir: number, name: string): boolean => faccessat(dir, name, 0, AT_SYMLINK_NOFOLLOW) === 0;

/** Opens the destination in the container's root, and makes what is missing of it. */
function openTarget(files: Files, root: number, destination: string, isFolder: boolean): number {
  const parts = destination.split("/").filter((part) => part !== "" && part !== ".");
  for (const [depth, name] of parts.entries()) {
    const parent = files.openIn(root, `/${parts.slice(0, depth).join("/")}`, O_PATH | fs.O_DIRECTORY);
    try {
      if (exists(parent, name)) continue;
      if (isFolder || depth < parts.length - 1) files.mkdirAt(parent, name, 0o755);
      else files.mknodAt(parent, name, "regular", 0o644);
    } finally {
      close(parent);
    }
  }
  return files.openIn(root, destination, O_PATH);
}

/** Where an open path descriptor is, as a process of the current mount namespace would name it. */
function pathOf(descriptors: number, fd: number): string {
  const text = Buffer.alloc(PATH_MAX);
  const length = check(readlinkat(descriptors, String(fd), text, PATH_MAX), "readlinkat", String(fd));
  return text.subarray(0, length).toString();
}

function attach(files: Files, pid: number, mount: MountInside, isFolder: boolean): string {
  return withDescriptor(cloneTree(mount), (tree) => {
    setAttributes(tree, mount);
    // Opened here: the container's /proc, if it has one, is not ours.
    return withDescriptor(openAt(AT_FDCWD, "/proc/thread-self/fd", O_PATH | fs.O_DIRECTORY), (descriptors) =>
      inside(pid, () =>
        withDescriptor(openAt(AT_FDCWD, "/", O_PATH | fs.O_DIRECTORY), (root) =>
          withDescriptor(openTarget(files, root, mount.destination, isFolder), (target) => {
            const path = pathOf(descriptors, target);
            const moved = moveMount(SYS.moveMount, tree, "", target, "", MOVE_MOUNT_EMPTY_PATHS);
            check(moved, "move_mount", mount.destination);
            return path;
          }),
        ),
      ),
    );
  });
}

/** Throws EBUSY while it is used; false when nothing is mounted there. */
function unmount(path: string): boolean {
  if (umount2(cString(path, "umount2"), UMOUNT_NOFOLLOW) === 0) return true;
  const errno = lastErrno();
  if (errno === EINVAL || errno === ENOENT) return false;
  throw kernelError("umount2", errno, path);
}

/** A mount that was taken off, and a copy of it to put back. */
interface TakenOff {
  readonly path: string;
  readonly tree: number;
}

function takeOff(path: string): TakenOff {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW;
  const tree = check(openTree(SYS.openTree, AT_FDCWD, cString(path, "open_tree"), flags), "open_tree", path);
  try {
    unmount(path);
  } catch (error) {
    close(tree);
    throw error;
  }
  return { path, tree };
}

const putBack = ({ path, tree }: TakenOff): number =>
  moveMount(SYS.moveMount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);

/** Mounts below go first, one by one: the kernel takes no tree off at once and refuses what is used. All or nothing. */
function takeOffTree(below: readonly string[], unmountTop: () => boolean): boolean {
  const taken: TakenOff[] = [];
  try {
    for (const path of below) taken.push(takeOff(path));
    return unmountTop();
  } catch (error) {
    for (const mount of taken.reverse()) putBack(mount);
    throw error;
  } finally {
    for (const { tree } of taken) close(tree);
  }
}

/** By name and from its parent: a descriptor of the mount itself would keep it busy. */
function detach(files: Files, pid: number, destination: string): boolean {
  const mounts = parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8"));
  const name = posix.basename(destination);
  return withDescriptor(openAt(AT_FDCWD, "/proc/thread-self/fd", O_PATH | fs.O_DIRECTORY), (descriptors) =>
    inside(pid, () =>
      withDescriptor(openAt(AT_FDCWD, "/", O_PATH | fs.O_DIRECTORY), (root) =>
        withDescriptor(files.openIn(root, posix.dirname(destination), O_PATH | fs.O_DIRECTORY), (parent) => {
          const path = posix.join(pathOf(descriptors, parent), name);
          if (!mounts.some(({ target }) => target === path)) return false;
          const below = mounts.filter(({ target }) => target.startsWith(`${path}/`));
          check(fchdir(parent), "fchdir", destination);
          return takeOffTree(below.map(({ target }) => target).reverse(), () => unmount(name));
        }),
      ),
    ),
  );
}

export const createContainerMounts = (files: Files): ContainerMounts => ({
  attach: (pid, mount) => {
    const source = openAt(AT_FDCWD, mount.source, O_PATH);
    const isFolder = withDescriptor(source, (fd) => exists(fd, "."));
    return attach(files, pid, mount, isFolder);
  },
  detach: (pid, destination) => detach(files, pid, destination),
});
