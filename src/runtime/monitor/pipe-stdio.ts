import { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { OutputChunk, Stdio, StreamName } from "../runtime.ts";

/** Our ends of the pipes to a process, non-blocking. They are this object's to close. */
export interface Pipes {
  /** Undefined for a process that reads nothing. */
  readonly stdin: number | undefined;
  readonly stdout: number;
  readonly stderr: number;
}

interface Source {
  readonly stream: StreamName;
  readonly socket: Socket;
}

/**
 * The stdio of a process without a terminal, through pipes. What it has written when it ends is read; what others that
 * have inherited its pipes write later is not, for they may live as long as the container. When the client goes, the
 * process's input ends, its output is read by nobody, and it runs on.
 */
export class PipeStdio implements Stdio {
  readonly #stdin: Socket | undefined;
  #sources: readonly Source[];
  #over = false;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor({ stdin, stdout, stderr }: Pipes, ended: Promise<unknown>) {
    this.#stdin =
      stdin === undefined ? undefined : new Socket({ fd: stdin, readable: false, writable: true });
    // A process need not read its input: what cannot be written to it any more is lost, as in any shell.
    this.#stdin?.on("error", () => this.#stdin?.destroy());
    this.#sources = [this.#source("stdout", stdout), this.#source("stderr", stderr)];
    const over = () => {
      this.#over = true;
      this.#stdin?.destroy();
      if (this.#closed) this.#destroy();
      this.#wake();
    };
    ended.then(over, over);
  }

  async *output(): AsyncGenerator<OutputChunk> {
    while (!this.#closed) {
      let found = false;
      for (const chunk of this.#available()) {
        found = true;
        yield chunk;
      }
      // While a chunk was consumed, there may have come more of the other stream.
      if (found) continue;
      if (this.#closed || this.#sources.length === 0) return;
      if (!this.#over) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      // From one turn of the event loop to the next but one, everything that was in the pipes has come in.
      await turn();
      await turn();
      if (this.#sources.every(({ socket }) => socket.readableLength === 0)) return this.#destroy();
    }
  }

  async write(data: Uint8Array): Promise<void> {
    const stdin = this.#stdin;
    if (!stdin?.writable) return;
    await new Promise<void>((resolve) => {
      stdin.write(data, () => resolve());
    });
  }

  async end(): Promise<void> {
    this.#stdin?.end();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stdin?.destroy();
    for (const { socket } of this.#sources) socket.removeAllListeners("readable").resume();
    if (this.#over) this.#destroy();
    this.#wake();
  }

  #source(stream: StreamName, fd: number): Source {
    const socket = new Socket({ fd, readable: true, writable: false });
    const source = { stream, socket };
    const gone = () => {
      this.#sources = this.#sources.filter((other) => other !== source);
      this.#wake();
    };
    socket.on("readable", () => this.#wake());
    socket.once("close", gone).on("error", gone);
    return source;
  }

  *#available(): Generator<OutputChunk> {
    for (const { stream, socket } of this.#sources) {
      for (let data = socket.read(); data !== null && !this.#closed; data = socket.read())
        yield { stream, data };
    }
  }

  #destroy(): void {
    for (const { socket } of this.#sources) socket.destroy();
  }
}
