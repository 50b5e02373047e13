import { fstatSync } from "node:fs";
import type { FileName } from "./entries.ts";

/** How a descent opens and closes folders. */
export interface FolderCalls {
  /** Opens the folder `name`, also "..", of the open folder `dir`; through no symlink. */
  open(dir: number, name: FileName): number;
  close(fd: number): void;
}

/** Descriptors that are kept open on the way down: ordinary trees never need "..". */
const HELD = 32;
/** Characters of a path that messages show from each of its ends. */
const SHOWN = 200;

interface Level {
  readonly name: FileName;
  /** Undefined: closed to save descriptors, and opened again on the way up. */
  fd: number | undefined;
  /** Of a closed one. */
  inode: string;
}

function inodeOf(fd: number): string {
  const { dev, ino } = fstatSync(fd, { bigint: true });
  return `${dev}:${ino}`;
}

/**
 * The way from an open folder down to one below it, one name at a time, with a bounded number of descriptors however
 * deep it is: no path is ever handed to the kernel, so its limit (PATH_MAX, 4095 bytes) does not matter. Where the way
 * back leads over a closed folder, "..", has to be that very folder: what was moved elsewhere meanwhile throws.
 */
export class Descent {
  readonly #calls: FolderCalls;
  readonly #levels: Level[];

  /** `top` stays the caller's. */
  constructor(top: number, calls: FolderCalls) {
    this.#calls = calls;
    this.#levels = [{ name: "", fd: top, inode: "" }];
  }

  /** The folder it has come to. */
  get fd(): number {
    return this.#last().fd ?? -1;
  }

  #last(): Level {
    const level = this.#levels.at(-1);
    if (!level) throw new Error("a descent has left its top");
    return level;
  }

  /** Below the top, for messages: the middle of a very long path is left out. */
  path(...more: readonly FileName[]): string {
    const path = [...this.#levels.slice(1).map(({ name }) => name), ...more].join("/");
    return path.length > 2 * SHOWN ? `${path.slice(0, SHOWN)}[...]${path.slice(-SHOWN)}` : path;
  }

  /** Throws what `open` throws, and is where it was then. */
  enter(name: FileName): void {
    this.#levels.push({ name, fd: this.#calls.open(this.fd, name), inode: "" });
    const far = this.#levels.length - 1 - HELD;
    const level = far > 0 ? this.#levels[far] : undefined;
    if (level?.fd === undefined) return;
    level.inode = inodeOf(level.fd);
    this.#calls.close(level.fd);
    level.fd = undefined;
  }

  /** Goes back up; answers with the name of the folder it leaves. */
  leave(): FileName {
    const { name, fd } = this.#last();
    const parent = this.#levels.at(-2);
    if (fd === undefined || !parent) throw new Error("a descent cannot leave its top");
    try {
      if (parent.fd === undefined) this.#reopen(parent, fd);
    } finally {
      this.#levels.pop();
      this.#calls.close(fd);
    }
    return name;
  }

  #reopen(level: Level, child: number): void {
    const fd = this.#calls.open(child, "..");
    level.fd = fd; // closed by `close`, whatever it is
    if (inodeOf(fd) !== level.inode) throw new Error(`${this.path()} was moved to another folder meanwhile`);
  }

  /** Gives back what is still open. */
  close(): void {
    for (const { fd } of this.#levels.splice(1)) if (fd !== undefined) this.#calls.close(fd);
  }
}
