import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { invalidParameter } from "./errors.ts";

/** What people write by hand, or programs for them to read, is far shorter. Bytes. */
const LONGEST = 4 * 1024 * 1024;
const CHUNK = 64 * 1024;
/** The opening of a FIFO waits for its writer without O_NONBLOCK, perhaps for ever. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Of /dev/null, wherever it is: major 1, minor 3. */
const NULL_DEVICE = 0x103;

const tooLong = (path: string) =>
  invalidParameter(`${path} has more than the ${LONGEST / 1024 ** 2} MiB that are read of such a file`);

/** What administrators name where there is nothing to say. */
const isNullDevice = (stat: Stats): boolean => stat.isCharacterDevice() && stat.rdev === NULL_DEVICE;

function refuseOthers(path: string, stat: Stats): void {
  if (isNullDevice(stat)) return;
  if (!stat.isFile()) throw invalidParameter(`${path} is ${kindOf(stat)}, not a regular file`);
  if (stat.size > LONGEST) throw tooLong(path);
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return "a folder";
  if (stat.isFIFO()) return "a FIFO";
  return stat.isSocket() ? "a socket" : "a device";
}

/** What a descriptor gives up to its end. Files of /proc have more than their size says. */
function readAll(fd: number, path: string): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const count = readSync(fd, chunk);
    if (count === 0) return Buffer.concat(chunks, length);
    length += count;
    if (length > LONGEST) throw tooLong(path);
    chunks.push(chunk.subarray(0, count));
  }
}

/**
 * A file of settings, keys or the like. Whatever lies in its place, it is there at once and fits into memory: throws
 * invalidParameter for what is no regular file (nor /dev/null) or longer than 4 MiB, and the system's errors.
 */
export function readRegularFile(path: string): Buffer {
  const fd = openSync(path, FLAGS);
  try {
    refuseOthers(path, fstatSync(fd));
    return readAll(fd, path);
  } finally {
    closeSync(fd);
  }
}

/** The same without holding up the event loop. */
export async function loadRegularFile(path: string): Promise<Buffer> {
  await using file = await open(path, FLAGS);
  refuseOthers(path, await file.stat());
  const chunks: Buffer[] = [];
  // One byte more than may be: whether the file was longer shows in what was read.
  for await (const chunk of file.createReadStream({ end: LONGEST, autoClose: false })) chunks.push(chunk);
  const content = Buffer.concat(chunks);
  if (content.length > LONGEST) throw tooLong(path);
  return content;
}

/** A file that a command line names: also a pipe, which is how shells pass a command's output (`<(command)`). */
export function readFileOrPipe(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    return readAll(fd, path);
  } finally {
    closeSync(fd);
  }
}
