import type { PacketSocket } from "../../kernel/index.ts";
import type { OutputChunk, Stdio, StreamName } from "../runtime.ts";

/** conmon marks each packet with the pipe it came from (its `stdpipe_t`). */
const STREAMS: Readonly<Record<number, StreamName>> = { 2: "stdout", 3: "stderr" };

/**
 * conmon's attach protocol: output comes in packets, input goes raw, and the end of one client's input (or its going)
 * ends the container's stdin unless conmon was told to leave it open. `lingers`: the connection of a client that has no
 * say over stdin stays behind when that client goes, read by nobody, so that stdin stays open for the one that has.
 */
export class MonitorStdio implements Stdio {
  readonly #socket: PacketSocket;
  readonly #lingers: boolean;
  readonly #gone: () => void;
  readonly #packets: AsyncIterator<Uint8Array>;
  #closed = false;
  #wake: () => void = () => undefined;

  /** `gone` is called once this side has closed the connection. */
  constructor(socket: PacketSocket, lingers: boolean, gone: () => void) {
    this.#socket = socket;
    this.#lingers = lingers;
    this.#gone = gone;
    this.#packets = socket.packets()[Symbol.asyncIterator]();
  }

  async *output(): AsyncGenerator<OutputChunk> {
    for (;;) {
      const packet = await this.#next();
      if (packet === undefined) return;
      const stream = STREAMS[packet[0] ?? 0];
      if (stream) yield { stream, data: packet.subarray(1) };
    }
  }

  write(data: Uint8Array): Promise<void> {
    return this.#socket.send(data);
  }

  end(): Promise<void> {
    return this.#socket.end();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake();
    if (this.#lingers) this.#drain().catch(() => this.#hangUp());
    else this.#hangUp();
  }

  #hangUp(): void {
    this.#socket.close();
    this.#gone();
  }

  /** Undefined at the end of the output, or when this side has closed. */
  #next(): Promise<Uint8Array | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined);
      this.#packets.next().then(({ done, value }) => resolve(done ? undefined : value), reject);
    });
  }

  async #drain(): Promise<void> {
    while (!(await this.#packets.next()).done);
    this.#hangUp();
  }
}
