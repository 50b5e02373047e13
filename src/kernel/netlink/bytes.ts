import { endianness } from "node:os";

/** Netlink speaks the machine's own byte order, except where a field is said to be in network order. */
export const LITTLE = endianness() === "LE";

/** Bytes that are not what netlink(7) prescribes: cut short, or with lengths that do not add up. */
export class NetlinkFormatError extends Error {
  constructor(message: string) {
    super(`malformed netlink data: ${message}`);
    this.name = "NetlinkFormatError";
  }
}

/** Messages and attributes start at multiples of 4 (NLMSG_ALIGN, NLA_ALIGN). */
export const align = (length: number): number => (length + 3) & ~3;

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Refuses a payload that is shorter than the fixed header its type begins with. */
export function requireLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length < length)
    throw new NetlinkFormatError(`${what} has ${bytes.length} bytes, needs ${length}`);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, LITTLE);
  return bytes;
}

export function u16(value: number): Uint8Array {
  const bytes = new Uint8Array(2);
  viewOf(bytes).setUint16(0, value, LITTLE);
  return bytes;
}

/** A 16 bit number in network order, as port numbers are. */
export const be16 = (value: number): Uint8Array => Uint8Array.of((value >> 8) & 0xff, value & 0xff);

export const u8 = (value: number): Uint8Array => Uint8Array.of(value);

/** Text with the terminator that C code on the other side expects. */
export const zeroTerminated = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);

export function readU32(bytes: Uint8Array): number {
  requireLength(bytes, 4, "a 32 bit attribute");
  return viewOf(bytes).getUint32(0, LITTLE);
}

export function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
