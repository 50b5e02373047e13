import type { OutputChunk, Stdio } from "../../runtime/index.ts";

/** One client's connection to a process's stdio. Closing it never ends the process. */
export interface AttachedStdio {
  /** Ends when the process's output has ended; before the start it waits. */
  readonly output: AsyncIterable<OutputChunk>;
  write(data: Uint8Array): Promise<void>;
  end(): Promise<void>;
  close(): void;
}

/** A connection that may be asked for before there is anything to connect to. */
export class LiveConnection {
  readonly #open: () => Promise<Stdio>;
  readonly #settled = Promise.withResolvers<Stdio | undefined>();
  #closed = false;
  #atClose: (() => void) | undefined;

  constructor(open: () => Promise<Stdio>) {
    this.#open = open;
  }

  /** Undefined when there will never be one. */
  get stdio(): Promise<Stdio | undefined> {
    return this.#settled.promise;
  }

  async connect(): Promise<void> {
    if (this.#closed) return;
    try {
      const stdio = await this.#open();
      if (this.#closed) stdio.close();
      this.#settled.resolve(stdio);
    } catch (error) {
      this.giveUp();
      throw error;
    }
  }

  giveUp(): void {
    this.#settled.resolve(undefined);
  }

  /** Nobody wants it any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Waits for the connection: what a client types before the start arrives after it. */
  async write(data: Uint8Array): Promise<void> {
    await (await this.stdio)?.write(data);
  }

  async end(): Promise<void> {
    await (await this.stdio)?.end();
  }

  onClose(body: () => void): void {
    this.#atClose = body;
    if (this.#closed) body();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#atClose?.();
    this.giveUp();
    void this.stdio.then((stdio) => stdio?.close());
  }
}
