import { existsSync } from "node:fs";

/**
 * crun refuses hosts that mount v1 controllers beside a v2 tree with controllers in it. It looks at
 * /sys/fs/cgroup/unified, so there it runs in a mount namespace of its own from which that one mount is taken out.
 * Only the runtime may live there: a monitor in it would hold every mount of the host for as long as its container
 * runs. `--propagation shared` leaves mounts that are shared with the host as they are (a bind with `rshared` keeps its
 * meaning; busybox has no working "unchanged"), and /sys/fs/cgroup becomes private first, so the host keeps its mount.
 */
const SCRIPT = 'mount --make-private /sys/fs/cgroup; umount /sys/fs/cgroup/unified; exec "$0" "$@"';

const found = (paths: readonly string[]): string | undefined => paths.find((path) => existsSync(path));

/**
 * With these crun does not look at how control groups are mounted: it makes none. An exec makes none anyway, and still
 * moves its process into those of the container, which are in crun's state file. Spares four processes.
 */
export const SHIMLESS = ["--cgroup-manager=disabled"];

/** Words to put in front of crun's path on a hybrid host; undefined when the host lacks the tools for it. */
export function hybridShim(): readonly string[] | undefined {
  const busybox = found(["/bin/busybox", "/usr/bin/busybox"]);
  if (busybox) return [busybox, "unshare", "-m", "--propagation", "shared", busybox, "sh", "-c", SCRIPT];
  const unshare = found(["/usr/bin/unshare", "/bin/unshare"]);
  const shell = found(["/bin/sh"]);
  return unshare && shell ? [unshare, "-m", "--propagation", "unchanged", shell, "-c", SCRIPT] : undefined;
}
