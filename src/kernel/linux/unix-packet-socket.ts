import { constants } from "node:os";
import type { PacketSocket } from "../packet-sockets.ts";
import type { EventLoop } from "./event-loop.ts";
import { close, kernelError, lastErrno, native } from "./libc.ts";

const send = native("send", "long", "int", "void *", "size_t", "int");
const shutdown = native("shutdown", "int", "int", "int");

const { EAGAIN, EINTR, ENOTCONN, EPIPE } = constants.errno;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const SHUT_RDWR = 2;
/** Bytes received and not yet consumed, before the kernel's own buffer makes the sender wait. */
const WINDOW = 1024 * 1024;
const LARGEST_SENT = 32 * 1024;

const closedError = () => kernelError("send", EPIPE, "the socket is closed");

/** A connected SOCK_SEQPACKET socket whose receiving half lives on the event loop's worker. */
export class UnixPacketSocket implements PacketSocket {
  readonly #fd: number;
  readonly #loop: EventLoop;
  readonly #id: number;
  #queue: Uint8Array[] = [];
  #next = 0;
  #consumed = 0;
  #finished = false;
  #closed = false;
  #failure: unknown;
  #wakeReader: (() => void) | undefined;
  #writable: { resolve(): void; reject(error: unknown): void } | undefined;
  #lastSend: Promise<void> = Promise.resolve();

  constructor(fd: number, loop: EventLoop) {
    this.#fd = fd;
    this.#loop = loop;
    this.#id = loop.receive(fd, WINDOW, {
      packets: (bytes, lengths) => this.#arrived(bytes, lengths),
      end: () => this.#finish(undefined),
      failed: (error) => this.#finish(error),
      lost: (error) => {
        this.#lose(error);
        close(fd);
      },
      writable: () => this.#writable?.resolve(),
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  #arrived(bytes: ArrayBuffer, lengths: readonly number[]): void {
    let offset = 0;
    for (const length of lengths) {
      this.#queue.push(new Uint8Array(bytes, offset, length));
      offset += length;
    }
    this.#wakeReader?.();
  }

  #finish(failure: unknown): void {
    this.#finished = true;
    this.#failure ??= failure;
    this.#wakeReader?.();
  }

  #lose(error: unknown): void {
    this.#closed = true;
    this.#finish(error);
    this.#writable?.reject(error ?? closedError());
  }

  async *packets(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const packet = this.#take();
      if (packet) yield packet;
      else if (this.#finished) break;
      else {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The next packet in order. Its bytes are credited in quarters of the window, so that few messages are needed. */
  #take(): Uint8Array | undefined {
    const packet = this.#queue[this.#next];
    if (!packet) return undefined;
    this.#next++;
    if (this.#next === this.#queue.length) {
      this.#queue = [];
      this.#next = 0;
    }
    this.#consumed += packet.length;
    if (this.#consumed >= WINDOW / 4) {
      this.#loop.credit(this.#id, this.#consumed);
      this.#consumed = 0;
    }
    return packet;
  }

  send(data: Uint8Array): Promise<void> {
    const sent = this.#lastSend.then(() => this.#sendAll(data));
    this.#lastSend = sent.catch(() => undefined);
    return sent;
  }

  async #sendAll(data: Uint8Array): Promise<void> {
    for (let offset = 0; offset < data.length; ) {
      const packet = data.subarray(offset, offset + LARGEST_SENT);
      if (this.#closed) throw closedError();
      if (send(this.#fd, packet, packet.length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) offset += packet.length;
      else await this.#recover(lastErrno());
    }
  }

  async #recover(errno: number): Promise<void> {
    if (errno === EINTR) return;
    if (errno !== EAGAIN) throw kernelError("send", errno, "");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#writable = { resolve, reject };
    this.#loop.whenWritable(this.#id);
    await promise;
  }

  async end(): Promise<void> {
    await this.#lastSend;
    if (this.#closed || shutdown(this.#fd, SHUT_WR) === 0) return;
    const errno = lastErrno();
    // The peer may have gone first: then there is nobody left to tell.
    if (errno !== ENOTCONN) throw kernelError("shutdown", errno, "");
  }

  close(): void {
    if (this.#closed) return;
    this.#queue = [];
    this.#next = 0;
    // The peer sees the end now; the descriptor follows when the worker has let go of it.
    shutdown(this.#fd, SHUT_RDWR);
    this.#lose(undefined);
    this.#loop.release(this.#id);
  }
}
