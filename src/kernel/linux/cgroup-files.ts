import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { errnoOf } from "../../base/errors.ts";
import { asKernelError, kernelError } from "./libc.ts";

/**
 * What reading from a group that is just going away may answer: as good as not there (cgroups(7)). EOPNOTSUPP comes from
 * the groups of a threaded tree, whose processes are listed at its top; Node calls it ENOTSUP.
 */
const GONE = new Set(["ENOENT", "ENODEV", "EOPNOTSUPP", "ENOTSUP"]);

function orIfGone<T>(fallback: T, syscall: string, path: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (GONE.has(errnoOf(error) ?? "")) return fallback;
    throw asKernelError(error, syscall, path);
  }
}

export function readControl(path: string): string | undefined {
  return orIfGone<string | undefined>(undefined, "read", path, () => readFileSync(path, "utf8"));
}

export function writeControl(path: string, value: string): void {
  try {
    // Not created when missing: an ordinary file cannot exist there, and the error would name the wrong reason.
    writeFileSync(path, value, { flag: "r+" });
  } catch (error) {
    throw asKernelError(error, "write", path);
  }
}

/** Process ids in a group's own cgroup.procs; those of other pid namespaces read as 0 and are left out. */
export function processesOf(directory: string): readonly number[] {
  const text = readControl(`${directory}/cgroup.procs`) ?? "";
  return text
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}

export function childrenOf(directory: string): readonly string[] {
  const entries = orIfGone([], "readdir", directory, () => readdirSync(directory, { withFileTypes: true }));
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** A group with everything below it, the deepest first. */
export function withDescendants(directory: string): readonly string[] {
  return [...childrenOf(directory).flatMap((name) => withDescendants(`${directory}/${name}`)), directory];
}

/** Asks again, at growing distances, until `attempt` is true; false when `patience` milliseconds did not suffice. */
export async function eventually(
  patience: number,
  attempt: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const end = performance.now() + patience;
  for (let pause = 1; !(await attempt()); pause = Math.min(pause * 2, 20)) {
    if (performance.now() >= end) return false;
    await sleep(pause);
  }
  return true;
}

/** A process leaves its group a moment after it has died for everybody else. */
const LEAVING_PATIENCE = 500;

/** rmdir of one group; false when it was not there. Throws EBUSY when it stays populated. */
async function removeOne(directory: string): Promise<boolean> {
  let existed = true;
  const removed = await eventually(LEAVING_PATIENCE, async () => {
    try {
      await rmdir(directory);
      return true;
    } catch (error) {
      if (errnoOf(error) === "EBUSY") return false;
      if (errnoOf(error) !== "ENOENT") throw asKernelError(error, "rmdir", directory);
      existed = false;
      return true;
    }
  });
  if (removed) return existed;
  const pids = processesOf(directory).join(", ");
  throw kernelError("rmdir", constants.errno.EBUSY, pids ? `${directory}: processes ${pids}` : directory);
}

/** Removes a group and everything below it; true if it was there. */
export async function removeTree(directory: string): Promise<boolean> {
  let existed = false;
  for (const group of withDescendants(directory)) existed = await removeOne(group);
  return existed;
}
