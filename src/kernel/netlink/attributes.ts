import { align, concat, LITTLE, NetlinkFormatError, viewOf } from "./bytes.ts";

const HEADER = 4;
/** Two flag bits lie above the type: NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const TYPE_MASK = 0x3fff;
const NESTED = 0x8000;
const LONGEST = 0xffff;

/** The attributes of one level by type; of a type that comes twice the last one counts, as in the kernel. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

/** One attribute, struct nlattr: length, type, payload, padding up to a multiple of 4. */
export function attribute(type: number, payload: Uint8Array): Uint8Array {
  const length = HEADER + payload.length;
  if (length > LONGEST)
    throw new RangeError(`netlink attribute ${type} takes ${length} bytes, at most ${LONGEST} fit`);
  const bytes = new Uint8Array(align(length));
  const view = viewOf(bytes);
  view.setUint16(0, length, LITTLE);
  view.setUint16(2, type, LITTLE);
  bytes.set(payload, HEADER);
  return bytes;
}

/** An attribute made of attributes. */
export const nested = (type: number, ...attributes: readonly Uint8Array[]): Uint8Array =>
  attribute(type | NESTED, concat(attributes));

/** An attribute if there is a value for it, else nothing. */
export const optional = <T>(
  type: number,
  value: T | undefined,
  encode: (value: T) => Uint8Array,
): readonly Uint8Array[] => (value === undefined ? [] : [attribute(type, encode(value))]);

/** Reads a run of attributes; payloads are views into `bytes`. Throws NetlinkFormatError. */
export function decodeAttributes(bytes: Uint8Array): Attributes {
  const view = viewOf(bytes);
  const attributes = new Map<number, Uint8Array>();
  let offset = 0;
  while (bytes.length - offset >= HEADER) {
    const length = view.getUint16(offset, LITTLE);
    if (length < HEADER || length > bytes.length - offset) {
      throw new NetlinkFormatError(`attribute of ${length} bytes where ${bytes.length - offset} are left`);
    }
    const type = view.getUint16(offset + 2, LITTLE) & TYPE_MASK;
    attributes.set(type, bytes.subarray(offset + HEADER, offset + length));
    offset += align(length);
  }
  return attributes;
}
