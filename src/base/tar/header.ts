import { BLOCK, badArchive, decodeText } from "./entry.ts";

/** The fixed fields of one 512-byte header block (POSIX pax(1), "ustar Interchange Format"; GNU tar manual). */
export interface RawHeader {
  /** Type flag, one character; NUL of old archives reads as "0". */
  readonly flag: string;
  readonly name: string;
  readonly linkName: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
}

const MAGIC = 257;
const USTAR = "ustar\0";

export const isZeroBlock = (block: Buffer): boolean =>
  block.readUInt8(0) === 0 && block.every((byte) => byte === 0);

/** Reads a header block. Throws invalidParameter when the checksum or a number is wrong. */
export function decodeHeader(block: Buffer): RawHeader {
  verifyChecksum(block);
  const magic = block.toString("latin1", MAGIC, MAGIC + 6);
  const isGnu = magic === "ustar ";
  const prefix = magic === USTAR ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  const hasDevice = magic === USTAR || isGnu;
  return {
    flag: block[156] === 0 ? "0" : String.fromCharCode(block[156] ?? 0),
    name: prefix ? `${prefix}/${name}` : name,
    linkName: text(block, 157, 100),
    size: length(block, 124, 12, "size"),
    mode: number(block, 100, 8, "mode") & 0o7777,
    uid: length(block, 108, 8, "uid"),
    gid: length(block, 116, 8, "gid"),
    mtime: number(block, 136, 12, "mtime"),
    major: hasDevice ? length(block, 329, 8, "device number") : 0,
    minor: hasDevice ? length(block, 337, 8, "device number") : 0,
  };
}

function text(block: Buffer, offset: number, size: number): string {
  const field = block.subarray(offset, offset + size);
  const end = field.indexOf(0);
  return decodeText(end < 0 ? field : field.subarray(0, end), "a name");
}

/** A number that cannot be negative. */
export function length(block: Buffer, offset: number, size: number, what: string): number {
  const value = number(block, offset, size, what);
  if (value < 0) throw badArchive(`negative ${what}`);
  return value;
}

function number(block: Buffer, offset: number, size: number, what: string): number {
  const field = block.subarray(offset, offset + size);
  const first = field[0] ?? 0;
  const value = first & 0x80 ? base256(field) : octal(field);
  if (!Number.isSafeInteger(value)) throw badArchive(`the ${what} in a header is not a number in range`);
  return value;
}

function octal(field: Buffer): number {
  const digits = field
    .toString("latin1")
    .replace(/[\0 ]+$/, "")
    .replace(/^[\0 ]+/, "");
  if (digits === "") return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/** GNU's binary numbers: two's complement with the top bit as marker. */
function base256(field: Buffer): number {
  const isNegative = ((field[0] ?? 0) & 0x40) !== 0;
  let value = isNegative ? -1n : 0n;
  for (const [index, byte] of field.entries()) {
    const bits = index === 0 ? (isNegative ? byte | 0x80 : byte & 0x7f) : byte;
    value = index === 0 && isNegative ? BigInt(bits) - 256n : (value << 8n) | BigInt(bits);
  }
  return Number(value);
}

function verifyChecksum(block: Buffer): void {
  const stored = octal(block.subarray(148, 156));
  let unsigned = 8 * 0x20;
  let signed = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) {
    if (i >= 148 && i < 156) continue;
    const byte = block[i] ?? 0;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  if (stored !== unsigned && stored !== signed) throw badArchive("a header has a wrong checksum");
}

/** Writes a header block. Numbers must fit their octal fields; what does not goes into a pax header before it. */
export function encodeHeader(header: RawHeader): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(header.name, 0, 100);
  octalField(block, 100, 8, header.mode);
  octalField(block, 108, 8, header.uid);
  octalField(block, 116, 8, header.gid);
  octalField(block, 124, 12, header.size);
  octalField(block, 136, 12, header.mtime);
  block.write(header.flag, 156, "latin1");
  block.write(header.linkName, 157, 100);
  block.write("ustar\u000000", MAGIC, "latin1");
  octalField(block, 329, 8, header.major);
  octalField(block, 337, 8, header.minor);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** The largest value an octal field of `size` bytes holds, its terminator counted off. */
export const octalLimit = (size: number): number => 8 ** (size - 1) - 1;

function octalField(block: Buffer, offset: number, size: number, value: number): void {
  block.write(value.toString(8).padStart(size - 1, "0"), offset, "latin1");
}
