import { constants as fsConstants } from "node:fs";
import { constants } from "node:os";
import type { FileName } from "../../base/entries.ts";
import type { Files, NodeKind, Timestamp } from "../files.ts";
import { createFileCopier } from "./file-copier.ts";
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  check,
  close,
  cString,
  kernelError,
  lastErrno,
  native,
  O_CLOEXEC,
  O_PATH,
  openAt,
  SYS,
  sysMknodat,
  withDescriptor,
} from "./libc.ts";
import { removeTree } from "./remove-tree.ts";
import { getXattr, listXattrs, setXattr } from "./xattrs.ts";

const openat2 = native("syscall", "long", "long", "int", "str", "void *", "size_t");
const mkdirat = native("mkdirat", "int", "int", "str", "uint");
const mknodat = native("syscall", "long", "long", "int", "str", "uint", "uint");
const symlinkat = native("symlinkat", "int", "str", "int", "str");
const linkat = native("linkat", "int", "int", "str", "int", "str", "int");
const renameat2 = native("renameat2", "int", "int", "str", "int", "str", "uint");
const unlinkat = native("unlinkat", "int", "int", "str", "int");
const fchownat = native("fchownat", "int", "int", "str", "uint", "uint", "int");
const fchmodat2 = native("syscall", "long", "long", "int", "str", "uint", "int");
const chmod = native("chmod", "int", "str", "uint");
const ioctl = native("ioctl", "int", "int", "ulong", "void *");
const utimensat = native("utimensat", "int", "int", "str", "void *", "int");

const { EINVAL, EAGAIN, ENOSYS, ENOTTY, EOPNOTSUPP } = constants.errno;
const RESOLVE_NO_XDEV = 0x01;
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;
const RESOLVE_IN_ROOT = 0x10;
const AT_REMOVEDIR = 0x200;
const RENAME_EXCHANGE = 2;
/** linux/fs.h; the flags are an int, whatever the size in the numbers says. */
const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_TOPDIR_FL = 0x20000;
/** EAGAIN means that something was renamed while the kernel walked up; it asks to be called again (openat2(2)). */
const OPEN_ATTEMPTS = 64;
const FILE_TYPES: Readonly<Record<NodeKind, number>> = {
  fifo: fsConstants.S_IFIFO,
  char: fsConstants.S_IFCHR,
  block: fsConstants.S_IFBLK,
  regular: fsConstants.S_IFREG,
  socket: fsConstants.S_IFSOCK,
};

/** Refuses everything but one component: with "../x" or "a/b" the kernel would walk, and follow symlinks on the way. */
function entry(name: FileName, syscall: string): FileName {
  if (name.length === 0 || name === ".." || name.includes("/")) {
    throw kernelError(syscall, EINVAL, `not the name of a directory entry: ${JSON.stringify(String(name))}`);
  }
  return cString(name, syscall);
}

/** struct open_how */
function openHow(flags: number, mode: number, resolve: number): Uint8Array {
  const creates = (flags & fsConstants.O_CREAT) !== 0;
  const how = [
    BigInt(flags | O_CLOEXEC),
    creates ? BigInt(mode) : 0n,
    BigInt(resolve | RESOLVE_NO_MAGICLINKS),
  ];
  return new Uint8Array(new BigUint64Array(how).buffer);
}

function openResolved(root: number, path: FileName, flags: number, mode: number, resolve: number): number {
  const how = openHow(flags, mode, resolve);
  const text = cString(path, "openat2");
  for (let attempt = 1; ; attempt++) {
    const fd = openat2(SYS.openat2, root, text, how, how.length);
    if (fd >= 0) return fd;
    const errno = lastErrno();
    if (errno !== EAGAIN || attempt === OPEN_ATTEMPTS) throw kernelError("openat2", errno, path);
  }
}

/** A device number as the kernel takes it: 12 bits of major, 20 of minor (new_encode_dev in its linux/kdev_t.h). */
function deviceNumber(major: number, minor: number, name: FileName): number {
  const fits = Number.isInteger(major) && Number.isInteger(minor) && major >= 0 && minor >= 0;
  if (!fits || major > 0xfff || minor > 0xfffff) {
    throw kernelError("mknodat", EINVAL, `${name}: device ${major}:${minor} does not exist in Linux`);
  }
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

function mknodAt(dir: number, name: FileName, kind: NodeKind, mode: number, major = 0, minor = 0): void {
  const device = deviceNumber(major, minor, name);
  const type = FILE_TYPES[kind];
  check(mknodat(sysMknodat(), dir, entry(name, "mknodat"), type | mode, device), "mknodat", name);
}

/** fchmodat2(2) came with Linux 6.6; before it a path handle does the same, for chmod(2) refuses it if it is a symlink. */
function chmodAt(dir: number, name: FileName, mode: number): void {
  const text = entry(name, "fchmodat");
  if (fchmodat2(SYS.fchmodat2, dir, text, mode, AT_SYMLINK_NOFOLLOW) === 0) return;
  const errno = lastErrno();
  if (errno !== ENOSYS) throw kernelError("fchmodat", errno, name);
  withDescriptor(openAt(dir, name, O_PATH | fsConstants.O_NOFOLLOW), (fd) =>
    check(chmod(`/proc/thread-self/fd/${fd}`, mode), "fchmodat", name),
  );
}

function setTimesAt(dir: number, name: FileName, atime: Timestamp, mtime: Timestamp): void {
  const times = [atime, mtime].flatMap(({ seconds, nanoseconds }) => [BigInt(seconds), BigInt(nanoseconds)]);
  const timespecs = new Uint8Array(new BigInt64Array(times).buffer);
  check(utimensat(dir, entry(name, "utimensat"), timespecs, AT_SYMLINK_NOFOLLOW), "utimensat", name);
}

function scatter(folder: string): boolean {
  return withDescriptor(openAt(AT_FDCWD, folder, fsConstants.O_RDONLY | fsConstants.O_DIRECTORY), (fd) => {
    const flags = Buffer.alloc(8);
    if (ioctl(fd, FS_IOC_GETFLAGS, flags) >= 0) {
      const before = flags.readUInt32LE();
      if ((before & FS_TOPDIR_FL) !== 0) return true;
      flags.writeUInt32LE((before | FS_TOPDIR_FL) >>> 0);
      if (ioctl(fd, FS_IOC_SETFLAGS, flags) >= 0) return true;
    }
    const errno = lastErrno();
    if ([ENOTTY, EOPNOTSUPP, EINVAL].includes(errno)) return false;
    throw kernelError("ioctl", errno, `FS_IOC_SETFLAGS ${folder}`);
  });
}

/** One step down or up a tree that is removed. */
const openWithinMount = (dir: number, name: FileName, flags: number): number =>
  openResolved(dir, name, flags, 0, RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);

export const files: Files = {
  openRoot: (path) => openAt(AT_FDCWD, path, O_PATH | fsConstants.O_DIRECTORY),
  openIn: (root, path, flags, mode = 0o666) => openResolved(root, path, flags, mode, RESOLVE_IN_ROOT),
  openBeneath: (dir, path, flags) => openResolved(dir, path, flags, 0, RESOLVE_BENEATH),
  close(fd) {
    check(close(fd), "close", String(fd));
  },
  mkdirAt(dir, name, mode) {
    check(mkdirat(dir, entry(name, "mkdirat"), mode), "mkdirat", name);
  },
  mknodAt,
  symlinkAt(target, dir, name) {
    check(symlinkat(cString(target, "symlinkat"), dir, entry(name, "symlinkat")), "symlinkat", name);
  },
  linkAt(fromDir, from, dir, name) {
    // Without AT_SYMLINK_FOLLOW a symlink itself gets the second name.
    check(
      linkat(fromDir, entry(from, "linkat"), dir, entry(name, "linkat"), 0),
      "linkat",
      `${from} as ${name}`,
    );
  },
  exchange(one, other) {
    const [from, to] = [cString(one, "renameat2"), cString(other, "renameat2")];
    check(renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE), "renameat2", `${one} with ${other}`);
  },
  unlinkAt(dir, name, options) {
    check(unlinkat(dir, entry(name, "unlinkat"), options?.directory ? AT_REMOVEDIR : 0), "unlinkat", name);
  },
  removeTree(parent, name) {
    entry(name, "unlinkat"); // refuses what leads elsewhere
    removeTree(files, openWithinMount, parent, name);
  },
  chownAt(dir, name, uid, gid) {
    check(fchownat(dir, entry(name, "fchownat"), uid, gid, AT_SYMLINK_NOFOLLOW), "fchownat", name);
  },
  chmodAt,
  setTimesAt,
  getXattr,
  listXattrs,
  setXattr,
  scatter,
  copier: createFileCopier,
};
