import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemError } from "../../../base/errors.ts";

/** Bytes of all files below a folder; a hard-linked file counts once. */
export function usage(folder: string): number {
  const seen = new Set<string>();
  let total = 0;
  const waiting = [folder];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const full = join(path, entry.name);
      if (entry.isDirectory()) waiting.push(full);
      else total += sizeOnce(full, seen);
    }
  }
  return total;
}

function sizeOnce(path: string, seen: Set<string>): number {
  // A running container may delete a file between its listing and its size.
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat || stat.isCharacterDevice()) return 0;
  if (stat.nlink < 2) return stat.size;
  const inode = `${stat.dev}:${stat.ino}`;
  if (seen.has(inode)) return 0;
  seen.add(inode);
  return stat.size;
}

/** Deletes a folder and all below it, but nothing if another filesystem is mounted anywhere inside. */
export function deleteFolder(folder: string): undefined {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat) return undefined;
  refuseMounts(folder, stat.dev);
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}

function refuseMounts(folder: string, device: number): void {
  const waiting = [folder];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (lstatSync(path).dev !== device)
      throw systemError(`will not delete ${folder}: another filesystem is mounted on ${path}`);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) waiting.push(join(path, entry.name));
    }
  }
}
