import { constants, fstatSync, readFileSync } from "node:fs";
import { errnoOf, invalidParameter, systemError } from "../base/errors.ts";
import type { RootfsFiles } from "../engine/index.ts";
import type { Files } from "../kernel/index.ts";

/** passwd and group files beyond this are taken for an attack on the engine's memory. */
const MAX_BYTES = 1024 * 1024;
const NOTHING_THERE = ["ENOENT", "ENOTDIR", "ELOOP"];

/** Calls `body` with an open descriptor and closes it whatever happens. */
function using<T>(files: Files, fd: number, body: (fd: number) => T): T {
  try {
    return body(fd);
  } finally {
    files.close(fd);
  }
}

function readRegular(files: Files, top: number, path: string): Uint8Array | undefined {
  try {
    // O_NONBLOCK: a FIFO of that name must not stop the engine
    return using(files, files.openIn(top, path, constants.O_RDONLY | constants.O_NONBLOCK), (fd) => {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return undefined;
      if (stat.size > MAX_BYTES)
        throw systemError(`${path} in the container's root filesystem is larger than ${MAX_BYTES} bytes`);
      return readFileSync(fd);
    });
  } catch (error) {
    if (NOTHING_THERE.includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  }
}

function makeOne(
  files: Files,
  parent: number,
  name: string,
  owner: { readonly uid: number; readonly gid: number },
): void {
  try {
    files.mkdirAt(parent, name, 0o755);
    files.chownAt(parent, name, owner.uid, owner.gid);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}

function makeFolders(
  files: Files,
  top: number,
  path: string,
  owner: { readonly uid: number; readonly gid: number },
): void {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const open = (depth: number) =>
    files.openIn(top, `/${parts.slice(0, depth).join("/")}`, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    for (const [depth, name] of parts.entries()) {
      using(files, open(depth), (parent) => makeOne(files, parent, name, owner));
    }
    using(files, open(parts.length), () => undefined);
  } catch (cause) {
    if (!NOTHING_THERE.includes(errnoOf(cause) ?? "")) throw cause;
    throw invalidParameter(`Cannot mkdir: ${path} is not a directory`, cause);
  }
}

/**
 * What the engine does inside a container's root filesystem. The tree is hostile: every path is resolved by the kernel
 * beneath the root (openat2(2), RESOLVE_IN_ROOT), so that no symlink in it reaches the host.
 */
export function rootfsFiles(files: Files): RootfsFiles {
  return {
    read: async (root, path) => using(files, files.openRoot(root), (top) => readRegular(files, top, path)),
    makeFolder: async (root, path, owner) =>
      using(files, files.openRoot(root), (top) => makeFolders(files, top, path, owner)),
  };
}
