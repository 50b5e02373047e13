import type { AttachedStdio } from "../ports.ts";

type Piece = { readonly stream: "stdout" | "stderr"; readonly data: Uint8Array };

/** The stdio of a process that is a test: it says what comes out, and sees what goes in. */
export class MemoryStdio implements AttachedStdio {
  readonly received: string[] = [];
  ended = false;
  closed = false;
  /** Pieces that were taken by the reader. */
  taken = 0;
  readonly #pieces: Piece[] = [];
  #over = false;
  #wake: (() => void) | undefined;
  readonly #changes: (() => void)[] = [];

  say(stream: Piece["stream"], data: string | Uint8Array): void {
    this.#pieces.push({ stream, data: Buffer.from(data) });
    this.#wake?.();
  }

  /** The output ends. */
  finish(): void {
    this.#over = true;
    this.#wake?.();
  }

  readonly output: AsyncIterable<Piece> = {
    [Symbol.asyncIterator]: () => ({ next: () => this.#next() }),
  };

  async write(data: Uint8Array): Promise<void> {
    this.received.push(Buffer.from(data).toString("latin1"));
    this.#changed();
  }

  async end(): Promise<void> {
    this.ended = true;
    this.#changed();
  }

  close(): void {
    this.closed = true;
    this.finish();
    this.#changed();
  }

  /** Resolves when the test's condition holds; looked at after each thing the client does. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#changes.push(resolve));
  }

  async #next(): Promise<IteratorResult<Piece>> {
    for (;;) {
      const value = this.#pieces.shift();
      if (value) {
        this.taken++;
        return { done: false, value };
      }
      if (this.#over) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #changed(): void {
    for (const resolve of this.#changes.splice(0)) resolve();
  }
}
