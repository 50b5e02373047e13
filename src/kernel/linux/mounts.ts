import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { isMainThread } from "node:worker_threads";
import type { MountRequest, Mounts } from "../mounts.ts";
import { endProcess } from "./end-process.ts";
import {
  AT_FDCWD,
  check,
  cString,
  kernelError,
  lastErrno,
  native,
  O_PATH,
  openAt,
  withDescriptor,
} from "./libc.ts";
import { mountSteps } from "./mount-flags.ts";
import { parseMountInfo } from "./mountinfo.ts";

const cMount = native("mount", "int", "str", "str", "str", "ulong", "str");
const umount2 = native("umount2", "int", "str", "int");
const chdir = native("chdir", "int", "str");
const fchdir = native("fchdir", "int", "int");
const unshare = native("unshare", "int", "int");

const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;
const CLONE_FS = 0x200;
/** The kernel copies one page and cuts the rest off without a word (mount(2)); its last byte is the terminator. */
const DATA_LIMIT = 4095;

function describe({ source, target, type }: MountRequest): string {
  return `${type ? `${type} ` : ""}${source ? `${source} ` : ""}on ${target}`;
}

function refuseLongData(request: MountRequest): void {
  const length = Buffer.byteLength(request.data ?? "");
  if (length <= DATA_LIMIT) return;
  const detail = `${describe(request)}: options take ${length} bytes, the kernel accepts ${DATA_LIMIT}`;
  throw kernelError("mount", constants.errno.E2BIG, detail);
}

function mount(request: MountRequest): void {
  refuseLongData(request);
  const text = (value: string | undefined) => (value === undefined ? null : cString(value, "mount"));
  const target = cString(request.target, "mount");
  mountSteps(request.flags ?? []).forEach((flags, step) => {
    const result = cMount(text(request.source), target, text(request.type), flags, text(request.data));
    if (result === 0) return;
    const errno = lastErrno();
    // The first call made the mount and a later one could not finish it: leave nothing half done.
    if (step > 0) umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW);
    throw kernelError("mount", errno, describe(request));
  });
}

let ownsDirectory = isMainThread;

/**
 * Runs the body with the working directory at `cwd`. Of the two ways to give the kernel more layers than fit a page with
 * absolute paths, the newer one (fsconfig(2) with "lowerdir+") needs Linux 6.5, while Debian 11 and 12 have 5.10 and 6.1;
 * a short relative path works everywhere. The working directory belongs to all threads that share their file system
 * state: a worker thread first leaves that sharing (unshare(2), CLONE_FS), so that only it moves. The main thread must
 * not do the same, for then its umask and directory would no longer be those of libuv's pool; it moves everybody for one
 * system call, which only relative paths on other threads could notice, and the engine uses none.
 */
function insideDirectory(cwd: string, body: () => void): void {
  if (!ownsDirectory) {
    check(unshare(CLONE_FS), "unshare", "CLONE_FS");
    ownsDirectory = true;
  }
  withDescriptor(openAt(AT_FDCWD, ".", O_PATH), (before) => {
    check(chdir(cString(cwd, "chdir")), "chdir", cwd);
    try {
      body();
    } finally {
      if (fchdir(before) !== 0) endProcess(`cannot return to the working directory: errno ${lastErrno()}`);
    }
  });
}

function unmount(target: string, options?: { readonly detach?: boolean }): boolean {
  const flags = UMOUNT_NOFOLLOW | (options?.detach ? MNT_DETACH : 0);
  if (umount2(cString(target, "umount2"), flags) === 0) return true;
  const errno = lastErrno();
  if (errno === constants.errno.EINVAL || errno === constants.errno.ENOENT) return false;
  throw kernelError("umount2", errno, target);
}

export const mounts: Mounts = {
  mount,
  mountFrom: (cwd, request) => insideDirectory(cwd, () => mount(request)),
  unmount,
  list: () => parseMountInfo(readFileSync("/proc/thread-self/mountinfo", "utf8")),
};
