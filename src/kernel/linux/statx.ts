import { constants } from "node:fs";
import type { FileName } from "../../base/entries.ts";
import { LITTLE } from "../netlink/bytes.ts";
import { check, native } from "./libc.ts";

const statx = native("statx", "int", "int", "str", "int", "uint", "void *");

const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const SIZE = 256;

/** struct statx, whose layout is the same everywhere (linux/stat.h); offsets in bytes. */
const AT = { links: 16, uid: 20, gid: 24, mode: 28, inode: 32, size: 40, blocks: 48, device: 136 } as const;
const ACCESS = 64;
const MODIFICATION = 112;
const WORD = 4;

/**
 * What statx(2) says of an open file, in one piece of memory that each call fills anew: for trees of many thousands of
 * files, where an object for each would be most of the work.
 */
export class EntryStatus {
  readonly #bytes = new Uint8Array(SIZE);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #words = new Uint32Array(this.#bytes.buffer);
  readonly #timeWords = new Uint32Array(8);
  readonly #times = new Uint8Array(this.#timeWords.buffer);

  /** Throws KernelError; `name` is for its message. */
  ofOpen(fd: number, name: FileName): void {
    check(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, this.#bytes), "statx", name);
  }

  get isFile(): boolean {
    return (this.#view.getUint16(AT.mode, LITTLE) & constants.S_IFMT) === constants.S_IFREG;
  }

  /** Permissions with the special bits. */
  get mode(): number {
    return this.#view.getUint16(AT.mode, LITTLE) & 0o7777;
  }

  get links(): number {
    return this.#word(AT.links);
  }

  get uid(): number {
    return this.#word(AT.uid);
  }

  get gid(): number {
    return this.#word(AT.gid);
  }

  get size(): number {
    return Number(this.#view.getBigUint64(AT.size, LITTLE));
  }

  get blocks(): number {
    return Number(this.#view.getBigUint64(AT.blocks, LITTLE));
  }

  /** The same for all names of a file, and for no other file. */
  get inode(): string {
    const device = `${this.#word(AT.device)}:${this.#word(AT.device + WORD)}`;
    return `${device}:${this.#view.getBigUint64(AT.inode, LITTLE)}`;
  }

  /** Access and modification as two struct timespec, for futimens(3). Seconds, then nanoseconds, 64 bits each. */
  get times(): Uint8Array {
    for (const [place, from] of [ACCESS, MODIFICATION].entries()) {
      const [source, target] = [from / WORD, place * 4];
      this.#timeWords[target] = this.#words[source] ?? 0;
      this.#timeWords[target + 1] = this.#words[source + 1] ?? 0;
      this.#timeWords[target + 2] = this.#words[source + 2] ?? 0;
    }
    return this.#times;
  }

  #word(offset: number): number {
    return this.#words[offset / WORD] ?? 0;
  }
}
