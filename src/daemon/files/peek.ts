import { closeSync, constants, openSync, readSync } from "node:fs";
import { errnoOf } from "../../base/errors.ts";
import type { FilePeek } from "../../engine/index.ts";
import type { ContainerTree } from "./tree.ts";

const NOTHING_THERE = ["ENOENT", "ENOTDIR", "ELOOP"];

/** Part of a file of a container; undefined when there is nothing at the path. */
export function peekAt(
  tree: ContainerTree,
  path: string,
  offset: number,
  length: number,
): FilePeek | undefined {
  try {
    const node = tree.walk(path);
    const { mode, uid, gid, size } = node.stat;
    const bytes = node.stat.isFile() ? readPart(node.fd, offset, length) : new Uint8Array();
    return {
      path: node.path,
      mode: Number(mode),
      uid: Number(uid),
      gid: Number(gid),
      size: Number(size),
      bytes,
    };
  } catch (error) {
    if (NOTHING_THERE.includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  }
}

/** A path descriptor cannot be read from: its file is opened anew, the same one whatever its name is now. */
function readPart(pathFd: number, offset: number, length: number): Uint8Array {
  const fd = openSync(`/proc/self/fd/${pathFd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
  } finally {
    closeSync(fd);
  }
}
