/** Docker's multiplexed stream: each piece of output behind an 8 byte header (stream, 3 zeros, length big-endian). */
export type StreamName = "stdin" | "stdout" | "stderr" | "system";

const STREAMS: readonly StreamName[] = ["stdin", "stdout", "stderr", "system"];
export const HEADER_BYTES = 8;

export function frameHeader(stream: StreamName, length: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  writeFrameHeader(header, 0, stream, length);
  return header;
}

/** Writes it into a buffer that has room. */
export function writeFrameHeader(bytes: Buffer, at: number, stream: StreamName, length: number): void {
  bytes.writeUInt32BE(STREAMS.indexOf(stream) * 0x1_00_00_00, at);
  bytes.writeUInt32BE(length, at + 4);
}

export interface Frame {
  readonly stream: StreamName;
  readonly data: Uint8Array;
}

/**
 * Takes a multiplexed stream apart again, however its bytes are cut. Throws RangeError on a stream number that does
 * not exist, which is what raw output read as a multiplexed one looks like.
 */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames completed by `chunk`. */
  push(chunk: Uint8Array): readonly Frame[] {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const frame = this.#take();
      if (!frame) return frames;
      frames.push(frame);
    }
  }

  /** Bytes of a frame that has not ended yet. */
  get pending(): number {
    return this.#rest.length;
  }

  #take(): Frame | undefined {
    const rest = this.#rest;
    if (rest.length < HEADER_BYTES) return undefined;
    const stream = STREAMS[rest[0] ?? 0];
    if (stream === undefined) throw new RangeError(`unrecognized stream: ${rest[0]}`);
    const end = HEADER_BYTES + rest.readUInt32BE(4);
    if (rest.length < end) return undefined;
    this.#rest = rest.subarray(end);
    return { stream, data: rest.subarray(HEADER_BYTES, end) };
  }
}
