import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Logger } from "../../base/log.ts";
import type { MountInfo, Mounts } from "../../kernel/index.ts";

/**
 * The `cgroup.procs` of a group in which this process is, of any hierarchy: from /proc/self/cgroup (cgroups(7)) and the
 * mounts. Undefined where none can be seen. Pure.
 */
export function ownProcsFile(selfCgroup: string, mounts: readonly MountInfo[]): string | undefined {
  for (const line of selfCgroup.split("\n")) {
    const [, , controllers, path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined || path.includes("..")) continue;
    const mount = mounts.find(({ type, root, superOptions }) => {
      if (root !== "/") return false;
      if (controllers === "") return type === "cgroup2";
      return type === "cgroup" && controllers.split(",").every((name) => superOptions.includes(name));
    });
    if (mount) return `${mount.target}${path === "/" ? "" : path}/cgroup.procs`;
  }
  return undefined;
}

/**
 * Announces to the kernel that a process is about to be moved into another cgroup. The first such move in a while waits
 * for an RCU grace period (5 - 15 ms); those right after it do not. The runtime's move comes a few milliseconds after
 * it was started, so a move that changes nothing - of this process into the group it is in - is made meanwhile, on
 * another thread, and the waiting is over by then, or nearly.
 */
export function cgroupMoveAnnouncer(mounts: Pick<Mounts, "list">, log: Logger): () => void {
  let file = ownProcsFile(readFileSync("/proc/self/cgroup", "utf8"), mounts.list());
  let announcing = false;
  return () => {
    // A second one would only wait for the first, on a thread that others need.
    if (file === undefined || announcing) return;
    announcing = true;
    // "0" is the process that writes.
    writeFile(file, "0")
      .catch((error: unknown) => {
        log.debug("cannot announce moves between cgroups, containers start a little slower", { file, error });
        file = undefined;
      })
      .finally(() => {
        announcing = false;
      });
  };
}
