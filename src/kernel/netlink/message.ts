import { decodeAttributes } from "./attributes.ts";
import { align, concat, LITTLE, NetlinkFormatError, readText, viewOf } from "./bytes.ts";

const HEADER = 16;

/** Message types that netlink(7) itself defines. */
export const NLMSG = { noop: 1, error: 2, done: 3 } as const;

/** Header flags; the second half applies to requests that make or ask. */
export const NLM_F = {
  request: 0x1,
  multi: 0x2,
  ack: 0x4,
  dumpInterrupted: 0x10,
  capped: 0x100,
  ackTlvs: 0x200,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  append: 0x800,
} as const;

/** A netlink message, struct nlmsghdr with its payload. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** How a request ended: 0 or an errno, with the kernel's own words where it has some (NETLINK_EXT_ACK). */
export interface Outcome {
  readonly errno: number;
  readonly text?: string;
}

export function encodeMessage(
  type: number,
  flags: number,
  sequence: number,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  const payload = concat(parts);
  const bytes = new Uint8Array(HEADER + align(payload.length));
  const view = viewOf(bytes);
  view.setUint32(0, HEADER + payload.length, LITTLE);
  view.setUint16(4, type, LITTLE);
  view.setUint16(6, flags, LITTLE);
  view.setUint32(8, sequence, LITTLE);
  bytes.set(payload, HEADER);
  return bytes;
}

/** Splits what one recv(2) gave into messages; payloads are views into `bytes`. Throws NetlinkFormatError. */
export function decodeMessages(bytes: Uint8Array): readonly Message[] {
  const view = viewOf(bytes);
  const messages: Message[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const left = bytes.length - offset;
    const length = left < HEADER ? 0 : view.getUint32(offset, LITTLE);
    if (length < HEADER || length > left)
      throw new NetlinkFormatError(`message of ${length} bytes, ${left} left`);
    messages.push({
      type: view.getUint16(offset + 4, LITTLE),
      flags: view.getUint16(offset + 6, LITTLE),
      sequence: view.getUint32(offset + 8, LITTLE),
      payload: bytes.subarray(offset + HEADER, offset + length),
    });
    offset += align(length);
  }
  return messages;
}

const EXTENDED_TEXT = 1;

/** Where the extended acknowledgement starts: behind the error number and, in NLMSG_ERROR, the request it echoes. */
function extensionStart({ type, flags, payload }: Message): number {
  if (type === NLMSG.done || payload.length < 4 + HEADER) return 4;
  if (flags & NLM_F.capped) return 4 + HEADER;
  return 4 + align(viewOf(payload).getUint32(4, LITTLE));
}

/** Reads NLMSG_ERROR (which also carries success) or the end of a dump. Throws NetlinkFormatError. */
export function decodeOutcome(message: Message): Outcome {
  const { payload, flags, type } = message;
  if (payload.length < 4) {
    if (type === NLMSG.done) return { errno: 0 };
    throw new NetlinkFormatError(`error message of ${payload.length} bytes`);
  }
  const errno = Math.abs(viewOf(payload).getInt32(0, LITTLE));
  const start = extensionStart(message);
  if (!(flags & NLM_F.ackTlvs) || start >= payload.length) return { errno };
  const text = decodeAttributes(payload.subarray(start)).get(EXTENDED_TEXT);
  return { errno, ...(text && { text: readText(text) }) };
}
