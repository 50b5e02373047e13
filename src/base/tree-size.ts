import { closeSync, constants, lstatSync, openSync } from "node:fs";
import { Breath } from "./breath.ts";
import { Descent } from "./descent.ts";
import { below, entriesOf, type FileName } from "./entries.ts";
import { errnoOf } from "./errors.ts";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** The entry was removed or replaced between its listing and its opening. */
const GONE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

const entryOf = (dir: number, name: FileName): FileName => below(`/proc/self/fd/${dir}`, name);

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

class TreeSize {
  total = 0;
  readonly #descent: Descent;
  readonly #seen = new Set<string>();
  /** For each folder on the way down, those in it that are still to be counted. */
  readonly #open: FileName[][] = [];

  constructor(top: number) {
    this.#descent = new Descent(top, {
      open: (dir, name) => openSync(entryOf(dir, name), FOLDER),
      close: closeSync,
    });
  }

  /** Counts; stops after each piece of the work, for whoever wants to do something else in between. */
  *count(): Generator<void> {
    try {
      yield* this.#list();
      for (let folders = this.#open.at(-1); folders; folders = this.#open.at(-1)) {
        const next = folders.pop();
        if (next !== undefined) yield* this.#enter(next);
        else if (this.#open.pop() && this.#open.length > 0) this.#descent.leave();
      }
    } finally {
      this.#descent.close();
    }
  }

  *#enter(name: FileName): Generator<void> {
    try {
      this.#descent.enter(name);
    } catch (error) {
      if (GONE.has(errnoOf(error))) return;
      throw error;
    }
    yield* this.#list();
  }

  *#list(): Generator<void> {
    const { fd } = this.#descent;
    const folders: FileName[] = [];
    this.#open.push(folders);
    try {
      for (const entry of entriesOf(`/proc/self/fd/${fd}`)) {
        if (entry.isDirectory()) folders.push(entry.name);
        else this.total += sizeOf(entryOf(fd, entry.name), this.#seen);
        yield;
      }
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
  }
}

function openTop(folder: string): number | undefined {
  try {
    return openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Bytes of the files below a folder, however deep it is, hard links counted once; what vanishes meanwhile does not count.
 * Blocking.
 */
export function treeSize(folder: string): number {
  const top = openTop(folder);
  if (top === undefined) return 0;
  try {
    const size = new TreeSize(top);
    for (const _ of size.count());
    return size.total;
  } finally {
    closeSync(top);
  }
}

/** The same, with a turn of the event loop for everybody else after every few milliseconds. */
export async function treeSizeInTurns(folder: string): Promise<number> {
  const top = openTop(folder);
  if (top === undefined) return 0;
  const breath = new Breath();
  try {
    const size = new TreeSize(top);
    for (const _ of size.count()) await breath.take();
    return size.total;
  } finally {
    closeSync(top);
  }
}
