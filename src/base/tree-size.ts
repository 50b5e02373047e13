import { lstatSync } from "node:fs";
import { below, entriesOf, type FileName } from "./entries.ts";
import { errnoOf } from "./errors.ts";

function sizeOf(path: FileName, seen: Set<string>): number {
  // It may be deleted between its listing and its size.
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat || stat.isDirectory()) return 0;
  if (stat.nlink < 2) return stat.size;
  const key = `${stat.dev}:${stat.ino}`;
  if (seen.has(key)) return 0;
  seen.add(key);
  return stat.size;
}

/** Bytes of the files below a folder, hard links counted once; what vanishes meanwhile does not count. Blocking. */
export function treeSize(folder: string): number {
  const seen = new Set<string>();
  const waiting: FileName[] = [folder];
  let total = 0;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    try {
      for (const entry of entriesOf(path)) {
        if (entry.isDirectory()) waiting.push(below(path, entry.name));
        else total += sizeOf(below(path, entry.name), seen);
      }
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
  }
  return total;
}
