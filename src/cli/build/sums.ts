import { createHash, hash } from "node:crypto";
import { type BigIntStats, createReadStream, readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Size, times of content and attributes in nanoseconds, inode number, checksum: of a file as it was read. */
type Known = readonly [size: string, modified: string, changed: string, inode: string, sum: string];

/** Up to this size a file is read whole. Bytes. */
const WHOLE = 4 * 1024 * 1024;
/** A file that changed less than this before it was read may change again without its times telling. Nanoseconds. */
const SETTLED = 100_000_000n;
const VERSION = 1;

/**
 * Checksums of a context's files, remembered with what lstat said of them, so that unchanged files are not read again
 * by the next build.
 */
export class RememberedSums {
  readonly #file: string;
  readonly #before: Readonly<Record<string, Known>>;
  readonly #now: Record<string, Known> = {};
  #hasNew = false;

  constructor(file: string) {
    this.#file = file;
    this.#before = readKnown(file);
  }

  /** SHA-256 (hex) of a file; `name` is its place in the context. */
  async sumOf(name: string, path: string, stat: BigIntStats): Promise<string> {
    const known = Object.hasOwn(this.#before, name) ? this.#before[name] : undefined;
    const place = [stat.size, stat.mtimeNs, stat.ctimeNs, stat.ino].map(String);
    if (known && place.every((value, index) => value === known[index])) {
      this.#now[name] = known;
      return known[4];
    }
    const begun = BigInt(Date.now()) * 1_000_000n;
    const sum = await readSum(path, stat.size);
    if (stat.ctimeNs + SETTLED < begun) {
      this.#now[name] = [...place, sum] as unknown as Known;
      this.#hasNew = true;
    }
    return sum;
  }

  /** Keeps them for the next build. What cannot be written is worked out again then. */
  async save(): Promise<void> {
    if (!this.#hasNew) return;
    const files = { ...this.#before, ...this.#now };
    const place = `${this.#file}.${process.pid}`;
    try {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      await writeFile(place, JSON.stringify({ version: VERSION, files }), { mode: 0o600 });
      await rename(place, this.#file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
}

function readKnown(file: string): Readonly<Record<string, Known>> {
  try {
    const { version, files } = JSON.parse(readFileSync(file, "utf8"));
    return version === VERSION ? files : {};
  } catch {
    // None yet, or one that is damaged: everything is read.
    return {};
  }
}

async function readSum(path: string, size: bigint): Promise<string> {
  if (size <= WHOLE) return hash("sha256", readFileSync(path), "hex");
  const sum = createHash("sha256");
  for await (const chunk of createReadStream(path)) sum.update(chunk);
  return sum.digest("hex");
}
