export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes go with their length, a stream in chunks. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Head of a request, and its body when that is bytes, which go with their length. Any other body follows in chunks.
 * Throws when a line would be more than one.
 */
export function requestBytes({ method, path, headers, body }: Request): Buffer {
  const bytes = body instanceof Uint8Array ? body : undefined;
  const framing =
    bytes !== undefined
      ? { "Content-Length": String(bytes.length) }
      : body !== undefined
        ? { "Transfer-Encoding": "chunked" }
        : method === "POST" || method === "PUT"
          ? { "Content-Length": "0" }
          : {};
  const lines = Object.entries({ ...headers, ...framing }).map(([name, value]) => `${name}: ${value}`);
  for (const line of [path, ...lines]) if (/[\r\n]/.test(line)) throw new Error("a header must be one line");
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  return bytes === undefined ? head : Buffer.concat([head, bytes]);
}

/**
 * A body of unknown length in chunks. The line end behind a chunk goes with what comes next: whoever has a chunk's bytes
 * may need no more, answer and close, and nothing is then on its way that would meet a closed connection.
 */
export class ChunkWriter {
  #before = "";

  /** `piece` is not empty: that would be the end. */
  chunk(piece: Uint8Array): Buffer {
    const head = Buffer.from(`${this.#before}${piece.length.toString(16)}\r\n`);
    this.#before = "\r\n";
    return Buffer.concat([head, piece]);
  }

  end(): Buffer {
    return Buffer.from(`${this.#before}0\r\n\r\n`);
  }
}

/** Status line and headers of an answer. Header names are in lower case; a repeated header's values are joined. */
export interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

const MAX_HEAD_BYTES = 256 * 1024;
const END_OF_HEAD = "\r\n\r\n";

/** Gathers the head of an answer, however its bytes are cut. */
export class HeadReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** The head when it is complete, with the bytes behind it; undefined until then. Throws on what is not HTTP. */
  push(chunk: Buffer): { readonly head: Head; readonly rest: Buffer } | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const end = this.#bytes.indexOf(END_OF_HEAD);
    if (end < 0) {
      if (this.#bytes.length > MAX_HEAD_BYTES) throw new Error("the answer's headers are too long");
      return undefined;
    }
    const head = parseHead(this.#bytes.toString("latin1", 0, end));
    return { head, rest: this.#bytes.subarray(end + END_OF_HEAD.length) };
  }
}

function parseHead(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) throw new Error("what answers there does not speak HTTP");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) throw new Error("the answer has a malformed header");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { status: Number(status), headers };
}

/** Takes the body out of the bytes that follow a head. */
export interface BodyReader {
  /** Pieces of the body; `rest` holds what comes after its end, and is there only when it has ended. */
  push(chunk: Buffer): { readonly pieces: readonly Buffer[]; readonly rest?: Buffer };
  /** The connection has ended. Throws when the body has not. */
  end(): void;
}

export function bodyReader(method: string, { status, headers }: Head): BodyReader {
  if (method === "HEAD" || status === 204 || status === 304) return new SizedBody(0);
  if (/\bchunked\b/i.test(headers["transfer-encoding"] ?? "")) return new ChunkedBody();
  const length = headers["content-length"];
  if (length === undefined) return new BodyUntilClose();
  if (!/^\d{1,15}$/.test(length)) throw new Error("the answer has a malformed length");
  return new SizedBody(Number(length));
}

const cutShort = (): Error => new Error("the connection was closed in the middle of the answer");

class BodyUntilClose implements BodyReader {
  push(chunk: Buffer): { readonly pieces: readonly Buffer[] } {
    return { pieces: [chunk] };
  }
  end(): void {
    // Its end is the connection's.
  }
}

class SizedBody implements BodyReader {
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  push(chunk: Buffer): { readonly pieces: readonly Buffer[]; readonly rest?: Buffer } {
    const piece = chunk.subarray(0, this.#left);
    this.#left -= piece.length;
    const pieces = piece.length > 0 ? [piece] : [];
    return this.#left > 0 ? { pieces } : { pieces, rest: chunk.subarray(piece.length) };
  }

  end(): void {
    if (this.#left > 0) throw cutShort();
  }
}

const MAX_LINE_BYTES = 4096;

class ChunkedBody implements BodyReader {
  /** Bytes of the current chunk that are still to come; below zero: a line is read. */
  #left = -1;
  #line = "";
  #state: "size" | "data" | "after" | "trailer" | "ended" = "size";

  push(chunk: Buffer): { readonly pieces: readonly Buffer[]; readonly rest?: Buffer } {
    const pieces: Buffer[] = [];
    let at = 0;
    while (at < chunk.length && this.#state !== "ended") {
      if (this.#state === "data") {
        const piece = chunk.subarray(at, at + this.#left);
        pieces.push(piece);
        at += piece.length;
        this.#left -= piece.length;
        if (this.#left === 0) this.#state = "after";
        continue;
      }
      const feed = chunk.indexOf(0x0a, at);
      const end = feed < 0 ? chunk.length : feed + 1;
      this.#line += chunk.toString("latin1", at, end);
      at = end;
      if (this.#line.length > MAX_LINE_BYTES) throw new Error("the answer is malformed");
      if (feed >= 0) this.#takeLine();
    }
    return this.#state === "ended" ? { pieces, rest: chunk.subarray(at) } : { pieces };
  }

  #takeLine(): void {
    const line = this.#line.replace(/\r?\n$/, "");
    this.#line = "";
    if (this.#state === "after") this.#state = "size";
    else if (this.#state === "trailer") this.#state = line === "" ? "ended" : "trailer";
    else {
      const digits = /^([0-9a-fA-F]{1,12})\s*(?:;.*)?$/.exec(line)?.[1];
      if (digits === undefined) throw new Error("the answer is malformed");
      this.#left = Number.parseInt(digits, 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    }
  }

  end(): void {
    if (this.#state !== "ended") throw cutShort();
  }
}
