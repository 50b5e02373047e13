import { type FSWatcher, readFileSync, statSync, watch } from "node:fs";
import { basename, join } from "node:path";
import { errnoOf } from "../../base/errors.ts";
import { formatNanoseconds } from "../../base/nanoseconds.ts";

export interface ExitFile {
  readonly code: number;
  readonly at: string;
}

/** A file's time stamp is that of the kernel's last tick: at most this many nanoseconds old (CONFIG_HZ=100). */
const TICK = 10_000_000n;

/** Nanoseconds since the epoch, to the microsecond. */
const now = (): bigint => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;

/**
 * When a file written at `mtime` was really written. Seen at once it was written just now; else a container would end
 * before the last lines of its log, whose times are exact.
 */
const written = (mtime: bigint): bigint => {
  const seen = now();
  return seen > mtime && seen - mtime <= TICK ? seen : mtime;
};

/** What conmon left in the exit folder; undefined while the container runs. The file appears by a rename: complete. */
export function readExitFile(folder: string, id: string): ExitFile | undefined {
  const path = join(folder, id);
  try {
    const code = Number.parseInt(readFileSync(path, "utf8"), 10);
    const { mtimeNs } = statSync(path, { bigint: true });
    return { code: Number.isNaN(code) ? 255 : code, at: formatNanoseconds(written(mtimeNs)) };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Tells of each file that appears in the exit folder, and when the folder itself is gone. Starts watching before it
 * returns.
 */
export function watchExits(folder: string, found: (id: string) => void, gone: () => void): FSWatcher {
  const watched = inodeOf(folder);
  const watcher = watch(folder);
  watcher.on("change", (_event, name) => {
    // Of itself a folder tells by its own name.
    if (name !== basename(folder)) found(String(name));
    else if (inodeOf(folder) !== watched) gone();
  });
  return watcher;
}

const inodeOf = (folder: string): bigint | undefined =>
  statSync(folder, { bigint: true, throwIfNoEntry: false })?.ino;
