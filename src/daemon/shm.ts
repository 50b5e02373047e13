import { mkdir, readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../base/errors.ts";
import type { ShmFolders } from "../engine/index.ts";
import type { Mounts } from "../kernel/index.ts";

/** The /dev/shm of containers with a shareable ipc namespace: a tmpfs each, below the exec root. */
export function shmFolders(root: string, mounts: Mounts): ShmFolders {
  const ifThere = async <T>(body: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await body();
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return otherwise;
      throw error;
    }
  };
  return {
    async make(id, size) {
      const target = join(root, id);
      await mkdir(target, { recursive: true, mode: 0o700 });
      if (mounts.list().some((mount) => mount.target === target)) return target;
      const data = `mode=1777,size=${size}`;
      mounts.mount({ source: "shm", target, type: "tmpfs", flags: ["nosuid", "nodev", "noexec"], data });
      return target;
    },
    async remove(id) {
      const target = join(root, id);
      mounts.unmount(target, { detach: true });
      await ifThere(() => rmdir(target), undefined);
    },
    list: () => ifThere(() => readdir(root), []),
  };
}
