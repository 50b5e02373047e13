/** A value to be packed; a bigint is nanoseconds since the epoch, fluentd's EventTime. */
export type Packable =
  | string
  | number
  | boolean
  | bigint
  | readonly Packable[]
  | { readonly [key: string]: Packable };

const NS = 1_000_000_000n;

function head(
  length: number,
  short: number,
  limit: number,
  byte: number | undefined,
  word: number,
  long: number,
) {
  if (length < limit) return Buffer.from([short | length]);
  if (byte !== undefined && length < 256) return Buffer.from([byte, length]);
  if (length < 65_536) return Buffer.from([word, length >> 8, length & 0xff]);
  const bytes = Buffer.alloc(5, long);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

function packNumber(value: number): Buffer {
  if (value >= 0 && value < 128) return Buffer.from([value]);
  const bytes = Buffer.alloc(9, 0xd3);
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

/** Extension type 0: seconds and nanoseconds. */
function packTime(nanoseconds: bigint): Buffer {
  const bytes = Buffer.alloc(10, 0);
  bytes.set([0xd7, 0x00]);
  bytes.writeUInt32BE(Number(nanoseconds / NS), 2);
  bytes.writeUInt32BE(Number(nanoseconds % NS), 6);
  return bytes;
}

/** MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), as far as fluentd's protocol needs it. */
export function pack(value: Packable): Buffer {
  if (typeof value === "string") {
    const text = Buffer.from(value);
    return Buffer.concat([head(text.length, 0xa0, 32, 0xd9, 0xda, 0xdb), text]);
  }
  if (typeof value === "number") return packNumber(value);
  if (typeof value === "bigint") return packTime(value);
  if (typeof value === "boolean") return Buffer.from([value ? 0xc3 : 0xc2]);
  if (Array.isArray(value))
    return Buffer.concat([head(value.length, 0x90, 16, undefined, 0xdc, 0xdd), ...value.map(pack)]);
  const entries = Object.entries(value);
  const parts = entries.flatMap(([key, item]) => [pack(key), pack(item)]);
  return Buffer.concat([head(entries.length, 0x80, 16, undefined, 0xde, 0xdf), ...parts]);
}
