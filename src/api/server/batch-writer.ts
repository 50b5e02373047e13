import type { Writable } from "node:stream";

const FLUSH_BYTES = 64 * 1024;

/**
 * Gathers what is written within one turn of the event loop into one write, so that short lines do not cost a system
 * call each, and makes the caller wait while the reader on the other side is slow.
 */
export class BatchWriter {
  readonly #sink: Writable;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #scheduled = false;
  #blocked: Promise<void> | undefined;

  constructor(sink: Writable) {
    this.#sink = sink;
  }

  get closed(): boolean {
    return this.#sink.destroyed || this.#sink.writableEnded;
  }

  /** Takes the bytes; a promise means "wait for it before the next write". The bytes must not change afterwards. */
  write(...parts: readonly Uint8Array[]): Promise<void> | undefined {
    for (const part of parts) {
      this.#parts.push(part);
      this.#bytes += part.length;
    }
    if (this.#bytes >= FLUSH_BYTES) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
    return this.#blocked;
  }

  /** Hands everything to the sink now. */
  flush(): void {
    if (this.#parts.length === 0) return;
    const [only] = this.#parts;
    const data = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    if (this.closed) return;
    if (!this.#sink.write(data)) this.#blocked ??= this.#drained();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#sink.off("drain", done);
        this.#sink.off("close", done);
        this.#blocked = undefined;
        resolve();
      };
      this.#sink.on("drain", done);
      this.#sink.on("close", done);
    });
  }
}
