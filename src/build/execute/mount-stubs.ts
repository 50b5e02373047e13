import { readdirSync, rmdirSync, unlinkSync } from "node:fs";
import type { FileTime } from "../ports.ts";
import { orMissing, type RootFolder, splitPath } from "./root-folder.ts";

/** Places a container's runtime mounts something over, whatever the image has there. */
const ALWAYS = [
  "/dev",
  "/proc",
  "/sys",
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/hostname",
  "/dev/shm",
  "/dev/pts",
  "/dev/mqueue",
  "/sys/fs/cgroup",
];

interface Stub {
  readonly path: string;
  readonly folderTimes: { readonly access: FileTime; readonly modified: FileTime } | undefined;
}

/**
 * Remembers which mount points a root filesystem lacks; calling the result takes away those that were made since and
 * are empty, so that a layer holds only what the command itself did.
 */
export function watchMountStubs(root: RootFolder, targets: readonly string[]): () => void {
  const missing = [...new Set([...ALWAYS, ...targets].flatMap(withParents))].filter(
    (path) => !root.stat(path.slice(1)),
  );
  const stubs = missing.map(
    (path): Stub => ({ path: path.slice(1), folderTimes: timesOf(root, splitPath(path.slice(1)).folder) }),
  );
  // Deepest first: a folder is empty only after what was made in it is gone.
  const ordered = stubs.sort((a, b) => b.path.length - a.path.length);
  return () => {
    for (const stub of ordered) removeIfEmpty(root, stub);
  };
}

function withParents(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

const time = (nanoseconds: bigint): FileTime => ({
  seconds: Number(nanoseconds / 1_000_000_000n),
  nanoseconds: Number(nanoseconds % 1_000_000_000n),
});

function timesOf(root: RootFolder, folder: string): Stub["folderTimes"] {
  const stat = root.stat(folder);
  return stat && { access: time(stat.atimeNs), modified: time(stat.mtimeNs) };
}

function removeIfEmpty(root: RootFolder, { path, folderTimes }: Stub): void {
  const stat = root.stat(path);
  if (!stat || !(stat.isDirectory() || (stat.isFile() && stat.size === 0n))) return;
  const { folder, name } = splitPath(path);
  root.inFolder(folder, (at) => {
    if (!stat.isDirectory()) unlinkSync(`${at}/${name}`);
    else if (isEmptyFolder(root, path)) rmdirSync(`${at}/${name}`);
    else return;
    if (!folderTimes || folder === "") return;
    const above = splitPath(folder);
    root.inFolder(above.folder, (_path, parent) =>
      root.files.setTimesAt(parent, above.name, folderTimes.access, folderTimes.modified),
    );
  });
}

function isEmptyFolder(root: RootFolder, path: string): boolean {
  return orMissing(() => root.inFolder(path, (at) => readdirSync(at).length === 0)) ?? false;
}
