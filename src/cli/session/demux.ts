import { HEADER_BYTES } from "../../api/schema/multiplex.ts";

const STDERR = 2;
const SYSTEM = 3;

/** Where output goes: `stream` is 1 or 2. Writes before it returns; the bytes are then no longer its own. */
export type Sink = (stream: 1 | 2, bytes: Uint8Array) => void;

/**
 * Takes a multiplexed stream apart as it comes. Frames of one stream that lie in one piece go out together: the
 * payloads are pushed together in place, so that a log of short lines costs one write a piece and not one a line.
 */
export class Demultiplexer {
  readonly #sink: Sink;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** Bytes of the current frame that are still to come. */
  #left = 0;
  #stream = 1;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** The piece is used up: its memory is written over. Throws Error on an error the engine puts into the stream. */
  push(chunk: Buffer): void {
    let at = 0;
    let gathered = 0;
    while (at < chunk.length) {
      if (this.#left === 0) {
        const before = this.#stream;
        at = this.#readHeader(chunk, at);
        if (this.#headerBytes < HEADER_BYTES) break;
        this.#headerBytes = 0;
        if (before !== this.#stream && gathered > 0) {
          this.#write(before, chunk.subarray(0, gathered));
          gathered = 0;
        }
        continue;
      }
      const end = Math.min(chunk.length, at + this.#left);
      if (gathered !== at) chunk.copyWithin(gathered, at, end);
      gathered += end - at;
      this.#left -= end - at;
      at = end;
    }
    if (gathered > 0) this.#write(this.#stream, chunk.subarray(0, gathered));
  }

  /** Reads on in a header; gives the place behind what it took. */
  #readHeader(chunk: Buffer, at: number): number {
    const taken = Math.min(HEADER_BYTES - this.#headerBytes, chunk.length - at);
    chunk.copy(this.#header, this.#headerBytes, at, at + taken);
    this.#headerBytes += taken;
    if (this.#headerBytes === HEADER_BYTES) {
      this.#stream = this.#header[0] ?? 0;
      if (this.#stream > SYSTEM) throw new Error(`Unrecognized input header: ${this.#stream}`);
      this.#left = this.#header.readUInt32BE(4);
    }
    return at + taken;
  }

  #write(stream: number, bytes: Uint8Array): void {
    if (stream === SYSTEM)
      throw new Error(`error from daemon in stream: ${Buffer.from(bytes).toString().trimEnd()}`);
    this.#sink(stream === STDERR ? 2 : 1, bytes);
  }
}
