import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A filesystem of its own for a test, on a file; disposing it unmounts and deletes it. */
export interface TestFilesystem extends Disposable {
  readonly path: string;
}

const hasLoop = statSync("/dev/loop-control", { throwIfNoEntry: false }) !== undefined;

/** Why tests on a btrfs filesystem cannot run here; undefined: they can. */
export const noBtrfs: string | undefined = !hasLoop
  ? "there are no loop devices"
  : spawnSync("mkfs.btrfs", ["--version"]).status === 0
    ? undefined
    : "the mkfs.btrfs program is missing (apt-get install btrfs-progs)";

/** A small filesystem of a kind that mkfs makes. `mebibytes`: its size. */
export function makeFilesystem(kind: "btrfs" | "ext4", mebibytes: number): TestFilesystem {
  const folder = mkdtempSync(join(tmpdir(), "wharf-fs-"));
  const [image, path] = [join(folder, "image"), join(folder, "mnt")];
  writeFileSync(image, "");
  truncateSync(image, mebibytes * 2 ** 20);
  execFileSync(`mkfs.${kind}`, ["-q", image], { stdio: "ignore" });
  mkdirSync(path);
  execFileSync("mount", ["-o", "loop", image, path]);
  return mounted(folder, path);
}

/** A tmpfs of so many mebibytes. */
export function makeTmpfs(mebibytes: number): TestFilesystem {
  const folder = mkdtempSync(join(tmpdir(), "wharf-fs-"));
  const path = join(folder, "mnt");
  mkdirSync(path);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path]);
  return mounted(folder, path);
}

/** An overlay: on top of it no other one can be mounted. */
export function makeOverlay(): TestFilesystem {
  const folder = mkdtempSync(join(tmpdir(), "wharf-fs-"));
  const at = (name: string) => join(folder, name);
  for (const name of ["lower", "upper", "work", "mnt"]) mkdirSync(at(name));
  const options = `lowerdir=${at("lower")},upperdir=${at("upper")},workdir=${at("work")}`;
  execFileSync("mount", ["-t", "overlay", "-o", options, "overlay", at("mnt")]);
  return mounted(folder, at("mnt"));
}

const mounted = (folder: string, path: string): TestFilesystem => ({
  path,
  [Symbol.dispose]: () => {
    execFileSync("umount", [path]);
    rmSync(folder, { recursive: true, force: true });
  },
});
