import { constants } from "node:os";
import type { FileName } from "../../base/entries.ts";
import { check, cString, kernelError, lastErrno, native } from "./libc.ts";

const lgetxattr = native("lgetxattr", "long", "str", "str", "void *", "size_t");
const llistxattr = native("llistxattr", "long", "str", "void *", "size_t");
const lsetxattr = native("lsetxattr", "int", "str", "str", "void *", "size_t", "int");
const fgetxattr = native("fgetxattr", "long", "int", "str", "void *", "size_t");
const flistxattr = native("flistxattr", "long", "int", "void *", "size_t");
const fsetxattr = native("fsetxattr", "int", "int", "str", "void *", "size_t", "int");

const { ENODATA, EOPNOTSUPP, ERANGE } = constants.errno;
/** Most values and lists fit, so that one call does. */
const FIRST_TRY = 512;
/** Where a first try goes: a new piece of memory for each of many thousand files would cost more than the call. */
const firstBuffer = new Uint8Array(FIRST_TRY);
const NONE: readonly string[] = [];

type Call = (buffer: Uint8Array | null, size: number) => number;

/** Reads into a buffer that grows until it is large enough; undefined when there is nothing to read. */
function readGrowing(syscall: string, what: FileName, call: Call): Uint8Array | undefined {
  for (let buffer = firstBuffer; ; ) {
    const length = call(buffer, buffer.length);
    if (length >= 0) return buffer.slice(0, length);
    const errno = lastErrno();
    // A file system without extended attributes has none of them.
    if (errno === ENODATA || errno === EOPNOTSUPP) return undefined;
    if (errno !== ERANGE) throw kernelError(syscall, errno, what);
    buffer = new Uint8Array(Math.max(buffer.length + 1, check(call(null, 0), syscall, what)));
  }
}

const namesIn = (list: Uint8Array | undefined): readonly string[] =>
  list === undefined || list.length === 0
    ? NONE
    : new TextDecoder()
        .decode(list)
        .split("\0")
        .filter((name) => name !== "");

export function getXattr(path: FileName, name: string): Uint8Array | undefined {
  const file = cString(path, "lgetxattr");
  const attribute = cString(name, "lgetxattr");
  return readGrowing("lgetxattr", `${name} of ${path}`, (buffer, size) =>
    lgetxattr(file, attribute, buffer, size),
  );
}

export function listXattrs(path: FileName): readonly string[] {
  const file = cString(path, "llistxattr");
  return namesIn(readGrowing("llistxattr", path, (buffer, size) => llistxattr(file, buffer, size)));
}

export function setXattr(path: FileName, name: string, value: Uint8Array): void {
  const file = cString(path, "lsetxattr");
  const attribute = cString(name, "lsetxattr");
  check(lsetxattr(file, attribute, value, value.length, 0), "lsetxattr", `${name} of ${path}`);
}

/** Of an open file; `path` is for messages. */
export const fgetXattr = (fd: number, name: string, path: FileName): Uint8Array | undefined =>
  readGrowing("fgetxattr", `${name} of ${path}`, (buffer, size) => fgetxattr(fd, name, buffer, size));

/** Of an open file; `path` is for messages. */
export const flistXattrs = (fd: number, path: FileName): readonly string[] =>
  namesIn(readGrowing("flistxattr", path, (buffer, size) => flistxattr(fd, buffer, size)));

/** Of an open file; `path` is for messages. */
export function fsetXattr(fd: number, name: string, value: Uint8Array, path: FileName): void {
  check(fsetxattr(fd, name, value, value.length, 0), "fsetxattr", `${name} of ${path}`);
}
