import { constants } from "node:os";
import { check, cString, kernelError, lastErrno, native } from "./libc.ts";

const lgetxattr = native("lgetxattr", "long", "str", "str", "void *", "size_t");
const llistxattr = native("llistxattr", "long", "str", "void *", "size_t");
const lsetxattr = native("lsetxattr", "int", "str", "str", "void *", "size_t", "int");

const { ENODATA, EOPNOTSUPP, ERANGE } = constants.errno;
/** Most values and lists fit, so that one call does. */
const FIRST_TRY = 512;

/** Reads into a buffer that grows until it is large enough; undefined when there is nothing to read. */
function readGrowing(
  syscall: string,
  path: string,
  call: (buffer: Uint8Array | null, size: number) => number,
) {
  for (let size = FIRST_TRY; ; ) {
    const buffer = new Uint8Array(size);
    const length = call(buffer, size);
    if (length >= 0) return buffer.slice(0, length);
    const errno = lastErrno();
    // A file system without extended attributes has none of them.
    if (errno === ENODATA || errno === EOPNOTSUPP) return undefined;
    if (errno !== ERANGE) throw kernelError(syscall, errno, path);
    size = Math.max(size + 1, check(call(null, 0), syscall, path));
  }
}

export function getXattr(path: string, name: string): Uint8Array | undefined {
  const [file, attribute] = [cString(path, "lgetxattr"), cString(name, "lgetxattr")];
  return readGrowing("lgetxattr", `${name} of ${path}`, (buffer, size) =>
    lgetxattr(file, attribute, buffer, size),
  );
}

export function listXattrs(path: string): readonly string[] {
  const file = cString(path, "llistxattr");
  const list = readGrowing("llistxattr", path, (buffer, size) => llistxattr(file, buffer, size));
  return new TextDecoder()
    .decode(list)
    .split("\0")
    .filter((name) => name !== "");
}

export function setXattr(path: string, name: string, value: Uint8Array): void {
  const [file, attribute] = [cString(path, "lsetxattr"), cString(name, "lsetxattr")];
  check(lsetxattr(file, attribute, value, value.length, 0), "lsetxattr", `${name} of ${path}`);
}
