import { invalidParameter } from "../base/errors.ts";
import type { MountInfo } from "../kernel/index.ts";

const isBelow = (path: string, folder: string): boolean =>
  folder === "/" || path === folder || path.startsWith(`${folder}/`);

/** The mount a path is on: the deepest one, and of several at one place the latest. */
function mountOf(mounts: readonly MountInfo[], path: string): MountInfo | undefined {
  let found: MountInfo | undefined;
  for (const mount of mounts) {
    if (isBelow(path, mount.target) && mount.target.length >= (found?.target.length ?? 0)) found = mount;
  }
  return found;
}

/**
 * What is mounted below a source reaches a container only when the source's own mount is shared. Throws
 * invalidParameter otherwise, in Docker's words. Pure.
 */
export function checkPropagation(mounts: readonly MountInfo[], source: string, propagation: string): void {
  const wantsShared = propagation.endsWith("shared");
  if (!wantsShared && !propagation.endsWith("slave")) return;
  const mount = mountOf(mounts, source);
  const has = (kind: string) => mount?.optional.some((field) => field.startsWith(`${kind}:`)) === true;
  if (has("shared") || (!wantsShared && has("master"))) return;
  const wanted = wantsShared ? "a shared mount" : "a shared or slave mount";
  throw invalidParameter(`path ${source} is mounted on ${mount?.target ?? "/"} but it is not ${wanted}`);
}
