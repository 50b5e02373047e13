import { existsSync, renameSync, watch, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { errnoOf } from "../../base/errors.ts";
import type { Bundle } from "./layout.ts";

/**
 * Takes the monitor's notice that a container's control group is out of memory, so that the next one is seen again.
 * True if there was one.
 */
export function takeOomNotice({ oom, oomSeen }: Bundle): boolean {
  try {
    renameSync(oom, oomSeen);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** Of what the kernel told itself. Nothing where the bundle has gone with the container. */
export function leaveOomNotice({ oomSeen }: Bundle): void {
  try {
    writeFileSync(oomSeen, "");
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

/** Whether a notice has been taken in this run of the container, by this engine or by an earlier one. */
export const hadOomNotice = ({ oomSeen }: Bundle): boolean => existsSync(oomSeen);

/**
 * Calls `notice` when one may be there. One inotify watch of the bundle, which is quiet while a container runs: all
 * watches share one descriptor, and nothing is polled. Throws ENOSPC when the kernel grants no more watches.
 */
export function watchOom(bundle: Bundle, notice: () => void, failed: (error: unknown) => void): Disposable {
  const name = basename(bundle.oom);
  const watcher = watch(bundle.folder, { persistent: false });
  watcher.on("change", (_event, changed) => {
    if (String(changed) === name) notice();
  });
  watcher.on("error", failed);
  return { [Symbol.dispose]: () => watcher.close() };
}
