import { invalidParameter } from "../../base/errors.ts";

const LINE_FEED = 10;
const NOTHING = new Uint8Array();

/** A request's body, taken piece by piece: lines, counted bytes, and what is left. */
export class Body {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = NOTHING;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Up to the next line feed, or what there is before the end. Throws invalidParameter for one over `limit` bytes. */
  async line(limit: number): Promise<string> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const chunk = await this.#next();
      const end = chunk?.indexOf(LINE_FEED) ?? -1;
      const part = chunk && end >= 0 ? chunk.subarray(0, end) : (chunk ?? NOTHING);
      parts.push(part);
      length += part.length;
      if (length > limit) throw invalidParameter("a line of the build's request is too long");
      if (chunk && end < 0) continue;
      if (chunk) this.#rest = chunk.subarray(end + 1);
      return Buffer.concat(parts).toString("utf8");
    }
  }

  /** Exactly so many bytes. Throws invalidParameter when the body ends before. */
  async *bytes(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      const chunk = await this.#next();
      if (!chunk) throw invalidParameter("the build's request ended before all of its context had come");
      this.#rest = chunk.subarray(left);
      const part = chunk.subarray(0, left);
      left -= part.length;
      yield part;
    }
  }

  /** Everything that has not been read. */
  async *remainder(): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.#next(); chunk; chunk = await this.#next()) yield chunk;
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#rest.length > 0) {
      const rest = this.#rest;
      this.#rest = NOTHING;
      return rest;
    }
    const { done, value } = await this.#chunks.next();
    return done ? undefined : value;
  }
}
