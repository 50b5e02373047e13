import { createReadStream } from "node:fs";
import { type FileHandle, open, readdir, rename, stat, truncate, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { errnoOf } from "../../base/errors.ts";
import type { LogPosition } from "../runtime.ts";

/** What there is of a log: the numbers of its ended files, in order, and whether one is being written. */
export interface LogNumbers {
  readonly ended: readonly number[];
  readonly live: boolean;
}

/**
 * The files of one log: the one the monitor writes (`container.log`) and those it has written before
 * (`container.log.1`, `container.log.2.gz`, ...), numbered in the order in which they were begun. A number never comes
 * again and the live file has the next one, so a place in the log is a number and an offset, also across rotations.
 */
export class LogFiles {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async numbers(): Promise<LogNumbers> {
    const prefix = basename(this.path);
    const names = (await ifAny(readdir(dirname(this.path)))) ?? [];
    const ended = names.flatMap((name) => numberIn(name, prefix));
    return { ended: [...new Set(ended)].sort((a, b) => a - b), live: names.includes(prefix) };
  }

  /** Undefined when there is none of this number (yet, or any more). A compressed one is unpacked. */
  async open(number: number): Promise<FileHandle | undefined> {
    const ended = await ifAny(open(this.#ended(number), "r"));
    if (ended) return ended;
    const live = await this.#openLive(number);
    if (live) return live;
    // The packed file appears before the plain one goes.
    return (await ifAny(open(this.#ended(number), "r"))) ?? unpacked(this.#packed(number));
  }

  async #openLive(number: number): Promise<FileHandle | undefined> {
    const before = await this.numbers();
    if (liveNumber(before) !== number) return undefined;
    const file = await ifAny(open(this.path, "r"));
    if (file && liveNumber(await this.numbers()) === number) return file;
    await file?.close();
    return undefined;
  }

  /** Nothing is added to it any more. One that was moved away is still written until the monitor has begun the next. */
  async isComplete(number: number): Promise<boolean> {
    const { ended, live } = await this.numbers();
    const last = ended.at(-1) ?? 0;
    return number < last || (number === last && live);
  }

  /** The number of the file after this one; files may have been removed in between. */
  async after(number: number): Promise<number> {
    const numbers = await this.numbers();
    return numbers.ended.find((ended) => ended > number) ?? liveNumber(numbers);
  }

  /** When the last byte was written, milliseconds since the epoch; undefined when there is no such file. */
  async changedAt(number: number): Promise<number | undefined> {
    for (const path of [this.#ended(number), this.#packed(number)]) {
      const found = await ifAny(stat(path));
      if (found) return found.mtimeMs;
    }
    return undefined;
  }

  /** Bytes in the live file. */
  async liveSize(): Promise<number> {
    return (await ifAny(stat(this.path)))?.size ?? 0;
  }

  /** Bytes after a place; of packed files, which nobody has to read any more, none. */
  async bytesAfter({ file, offset }: LogPosition): Promise<number> {
    const { ended } = await this.numbers();
    const sizeOf = async (number: number) => (await ifAny(stat(this.#ended(number))))?.size ?? 0;
    const sizes = await Promise.all(ended.filter((number) => number >= file).map(sizeOf));
    return Math.max(0, sizes.reduce((sum, size) => sum + size, await this.liveSize()) - offset);
  }

  /** Moves the live file away; undefined when there is none. The monitor must then be told to begin a new one. */
  async end(): Promise<number | undefined> {
    const number = liveNumber(await this.numbers());
    const moved = await ifAny(rename(this.path, this.#ended(number)).then(() => true));
    return moved ? number : undefined;
  }

  async compress(number: number): Promise<void> {
    const plain = this.#ended(number);
    if ((await ifAny(stat(plain)))?.size) await pack(plain, this.#packed(number));
  }

  /** Takes an ended file away. The newest leaves an empty one behind, which keeps its number from coming again. */
  async remove(number: number): Promise<void> {
    await ifAny(unlink(this.#packed(number)));
    const { ended } = await this.numbers();
    const isNewest = ended.every((other) => other <= number);
    await ifAny(isNewest ? truncate(this.#ended(number)) : unlink(this.#ended(number)));
  }

  #ended = (number: number): string => `${this.path}.${number}`;
  #packed = (number: number): string => `${this.path}.${number}.gz`;
}

function numberIn(name: string, prefix: string): readonly number[] {
  if (!name.startsWith(`${prefix}.`)) return [];
  const [, number] = /^(\d{1,9})(?:\.gz)?$/.exec(name.slice(prefix.length + 1)) ?? [];
  return number === undefined ? [] : [Number(number)];
}

export const liveNumber = ({ ended }: LogNumbers): number => (ended.at(-1) ?? 0) + 1;

/** The numbers of all files, oldest first. */
export const allNumbers = (numbers: LogNumbers): readonly number[] =>
  numbers.live ? [...numbers.ended, liveNumber(numbers)] : numbers.ended;

async function pack(plain: string, packed: string): Promise<void> {
  const { createGzip } = await import("node:zlib");
  const temporary = `${packed}.tmp`;
  const { mode } = await stat(plain);
  const target = await open(temporary, "w", mode & 0o777);
  await pipeline(createReadStream(plain), createGzip(), target.createWriteStream());
  await rename(temporary, packed);
  await unlink(plain);
}

/** Its content in a file without a name: so that it can be read from its end, and needs no memory. */
async function unpacked(packed: string): Promise<FileHandle | undefined> {
  const source = await ifAny(open(packed, "r"));
  if (!source) return undefined;
  const { createGunzip } = await import("node:zlib");
  const temporary = join(dirname(packed), `.${basename(packed)}.${process.hrtime.bigint()}`);
  const target = await open(temporary, "wx+", 0o600);
  try {
    await unlink(temporary);
    await pipeline(source.createReadStream(), createGunzip(), async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) await target.writeFile(chunk);
    });
    return target;
  } catch (error) {
    await target.close();
    throw error;
  }
}

export async function ifAny<T>(attempt: Promise<T>): Promise<T | undefined> {
  try {
    return await attempt;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
