import type { Duplex, Readable } from "node:stream";
import {
  type BodyReader,
  bodyReader,
  ChunkWriter,
  type Head,
  HeadReader,
  type Request,
  requestBytes,
} from "./message.ts";

/** An answer whose body is read as it comes; a reader that is slow slows the sender down. */
export interface Response extends Head {
  readonly body: Readable;
}

/** An answer that has made the connection a byte pipe. */
export interface Upgraded extends Head {
  readonly socket: Duplex;
}

/** What becomes of the connection when the answer has been read. */
export interface Ends {
  /** It may carry another request. */
  readonly free: (socket: Duplex) => void;
}

const SWITCHING = 101;
/** How a write or a read finds out that the other side is gone. */
const LOST: ReadonlySet<string | undefined> = new Set(["EPIPE", "ECONNRESET"]);

export function aborted(signal: AbortSignal): Error {
  return Object.assign(new Error("the request was cancelled", { cause: signal.reason }), {
    code: "ABORT_ERR",
  });
}

/**
 * One request over a connection of its own. node:http would do this too, and costs a command 11 ms more: a third of
 * what `wharf ps` takes altogether.
 */
export function exchange(socket: Duplex, request: Request, ends: Ends): Promise<Response | Upgraded> {
  return new Promise((resolve, reject) => new Exchange(socket, request, ends, resolve, reject).begin());
}

class Exchange {
  readonly #socket: Duplex;
  readonly #request: Request;
  readonly #ends: Ends;
  readonly #resolve: (answer: Response | Upgraded) => void;
  readonly #reject: (error: Error) => void;
  #head = new HeadReader();
  #reader: BodyReader | undefined;
  #body: Readable | undefined;
  #keepAlive = false;
  #sent = false;
  #over = false;

  constructor(
    socket: Duplex,
    request: Request,
    ends: Ends,
    resolve: (answer: Response | Upgraded) => void,
    reject: (error: Error) => void,
  ) {
    this.#socket = socket;
    this.#request = request;
    this.#ends = ends;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(): void {
    const { signal } = this.#request;
    if (signal?.aborted) {
      this.#fail(aborted(signal));
      return;
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#socket.on("data", this.#onData);
    this.#socket.on("end", this.#onEnd);
    this.#socket.on("error", this.#onError);
    this.#socket.on("close", this.#onClose);
    this.#send().then(
      () => {
        this.#sent = true;
      },
      (error: Error) => this.#fail(error),
    );
  }

  async #send(): Promise<void> {
    const { body } = this.#request;
    this.#socket.write(requestBytes(this.#request));
    if (body !== undefined && !(body instanceof Uint8Array)) await this.#sendChunks(body);
  }

  async #sendChunks(body: AsyncIterable<Uint8Array>): Promise<void> {
    const chunks = new ChunkWriter();
    for await (const piece of body) {
      // The engine may have answered already (an error), and not read on.
      if (this.#over) return;
      if (piece.length > 0 && !this.#socket.write(chunks.chunk(piece))) await this.#drained();
    }
    if (!this.#over) this.#socket.write(chunks.end());
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#socket.off("drain", done);
        this.#socket.off("close", done);
        resolve();
      };
      this.#socket.on("drain", done);
      this.#socket.on("close", done);
    });
  }

  readonly #onAbort = (): void => {
    if (this.#request.signal) this.#fail(aborted(this.#request.signal));
  };

  readonly #onData = (chunk: Buffer): void => {
    try {
      if (this.#reader) this.#take(chunk);
      else this.#takeHead(chunk);
    } catch (error) {
      this.#fail(error as Error);
    }
  };

  #takeHead(chunk: Buffer): void {
    const found = this.#head.push(chunk);
    if (found === undefined) return;
    const { head, rest } = found;
    if (head.status === SWITCHING) this.#upgrade(head, rest);
    else if (head.status >= 200) this.#begun(head, rest);
    else {
      // An answer before the answer ("100 Continue") says nothing.
      this.#head = new HeadReader();
      if (rest.length > 0) this.#takeHead(rest);
    }
  }

  #begun(head: Head, rest: Buffer): void {
    this.#reader = bodyReader(this.#request.method, head);
    this.#keepAlive = !/\bclose\b/i.test(head.headers["connection"] ?? "");
    const { Readable: Stream } = process.getBuiltinModule("node:stream");
    this.#body = new Stream({
      read: () => this.#socket.resume(),
      destroy: (error, done) => {
        if (!this.#over) this.#drop();
        done(error);
      },
    });
    this.#resolve({ ...head, body: this.#body });
    this.#take(rest);
  }

  #upgrade(head: Head, rest: Buffer): void {
    this.#leave();
    this.#socket.pause();
    if (rest.length > 0) this.#socket.unshift(rest);
    this.#resolve({ ...head, socket: this.#socket });
  }

  #take(chunk: Buffer): void {
    const { pieces, rest } = this.#reader?.push(chunk) ?? { pieces: [] };
    let wants = true;
    for (const piece of pieces) wants = this.#body?.push(piece) ?? true;
    if (rest !== undefined) this.#finish(rest);
    else if (!wants) this.#socket.pause();
  }

  /** The answer is whole. */
  #finish(rest: Buffer): void {
    const reusable = this.#keepAlive && this.#sent && rest.length === 0 && !this.#socket.destroyed;
    this.#leave();
    this.#body?.push(null);
    if (reusable) this.#ends.free(this.#socket);
    else this.#close();
  }

  readonly #onEnd = (): void => {
    try {
      if (!this.#reader) throw new Error("the connection was closed before the answer");
      this.#reader.end();
      this.#keepAlive = false;
      this.#finish(Buffer.alloc(0));
    } catch (error) {
      this.#fail(error as Error);
    }
  };

  readonly #onError = (error: NodeJS.ErrnoException): void =>
    this.#fail(LOST.has(error.code) ? this.#lost(error) : error);
  readonly #onClose = (): void => this.#onEnd();

  #lost(error: NodeJS.ErrnoException): Error {
    const when = this.#reader ? "in the middle of the answer" : "before the answer";
    const lost = new Error(`the connection was closed ${when}`, { cause: error });
    return Object.assign(lost, { code: error.code });
  }

  #fail(error: Error): void {
    if (this.#over) return;
    const body = this.#body;
    this.#drop();
    if (body) body.destroy(error);
    else this.#reject(error);
  }

  #drop(): void {
    this.#leave();
    this.#close();
  }

  /** Some kinds of connection call being closed an error. */
  #close(): void {
    this.#socket.on("error", ignore);
    this.#socket.destroy();
  }

  /** The connection is no business of this exchange from here on. */
  #leave(): void {
    this.#over = true;
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    this.#socket.off("data", this.#onData);
    this.#socket.off("end", this.#onEnd);
    this.#socket.off("error", this.#onError);
    this.#socket.off("close", this.#onClose);
  }
}

/** It has been told already. */
const ignore = (): void => undefined;
