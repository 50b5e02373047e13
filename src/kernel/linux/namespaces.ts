import { constants, statSync } from "node:fs";
import { constants as os } from "node:os";
import type { Mounts } from "../mounts.ts";
import type { Namespaces, Sync } from "../namespaces.ts";
import { endProcess } from "./end-process.ts";
import {
  AT_FDCWD,
  asKernelError,
  check,
  close,
  errnoName,
  kernelError,
  lastErrno,
  native,
  openAt,
  withDescriptor,
} from "./libc.ts";

const setns = native("setns", "int", "int", "int");
const unlink = native("unlink", "int", "str");
const unshare = native("unshare", "int", "int");

const CLONE_NEWNET = 0x40000000;
/** Namespaces are per thread: /proc/self would be the main thread's. */
const OWN_NETWORK = "/proc/thread-self/ns/net";

/** Runs `enter`, then the body, then goes back to the network namespace the thread was in. */
function awayAndBack<T>(enter: () => void, body: () => T): T {
  return withDescriptor(openAt(AT_FDCWD, OWN_NETWORK, 0), (home) => {
    enter();
    try {
      return body();
    } finally {
      if (setns(home, CLONE_NEWNET) !== 0) {
        endProcess(`cannot leave a network namespace: ${errnoName(lastErrno())}`);
      }
    }
  });
}

export function insideNetwork<T>(path: string, body: () => Sync<T>): T {
  return withDescriptor(openAt(AT_FDCWD, path, 0), (fd) =>
    awayAndBack(() => check(setns(fd, CLONE_NEWNET), "setns", path), body),
  );
}

function createNetwork(mounts: Mounts, path: string): void {
  close(openAt(AT_FDCWD, path, constants.O_CREAT | constants.O_EXCL, 0o444));
  try {
    awayAndBack(
      () => check(unshare(CLONE_NEWNET), "unshare", "CLONE_NEWNET"),
      () => mounts.mount({ source: OWN_NETWORK, target: path, flags: ["bind"] }),
    );
  } catch (error) {
    unlink(path);
    throw error;
  }
}

function pinNetwork(mounts: Mounts, path: string, namespace: string): void {
  close(openAt(AT_FDCWD, path, constants.O_CREAT, 0o444));
  mounts.mount({ source: namespace, target: path, flags: ["bind"] });
}

function removeNetwork(mounts: Mounts, path: string): boolean {
  // Detached, because a process with the file open must not keep the name in use; the namespace itself lives on for it.
  const wasMounted = mounts.unmount(path, { detach: true });
  if (unlink(path) === 0) return true;
  const errno = lastErrno();
  if (errno === os.errno.ENOENT) return wasMounted;
  throw kernelError("unlink", errno, path);
}

export const createNamespaces = (mounts: Mounts): Namespaces => ({
  createNetwork: (path) => createNetwork(mounts, path),
  pinNetwork: (path, namespace) => pinNetwork(mounts, path, namespace),
  removeNetwork: (path) => removeNetwork(mounts, path),
  insideNetwork,
  identify(path) {
    try {
      const { dev, ino } = statSync(path, { bigint: true });
      return { dev, ino };
    } catch (error) {
      throw asKernelError(error, "stat", path);
    }
  },
});
