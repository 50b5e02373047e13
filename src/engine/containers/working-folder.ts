import type { Container } from "./container.ts";
import type { Kit } from "./kit.ts";

type Configured = Pick<Container["record"]["document"], "config">;

/** Makes the folder in which a container's command runs, in its mounted root filesystem, unless it is there. */
export async function makeWorkingFolder(kit: Kit, { config }: Configured, rootfs: string): Promise<void> {
  const folder = folderOf(config);
  if (folder !== undefined) await kit.rootfs.makeFolder(rootfs, folder, { uid: 0, gid: 0 });
}

/**
 * The same for a container that is being created, whose root filesystem is mounted for that alone: what clients copy into
 * it before it starts finds the folder.
 */
export async function createWorkingFolder(kit: Kit, id: string, document: Configured): Promise<void> {
  if (folderOf(document.config) === undefined) return;
  try {
    await makeWorkingFolder(kit, document, kit.layers.mount(id));
  } finally {
    kit.layers.unmount(id);
  }
}

/** Undefined where the root itself is it. */
function folderOf({ WorkingDir }: Configured["config"]): string | undefined {
  return WorkingDir === undefined || WorkingDir === "" || WorkingDir === "/" ? undefined : WorkingDir;
}
