import { constants } from "node:os";
import { check, close, kernelError, lastErrno, native } from "./libc.ts";

const epollCreate1 = native("epoll_create1", "int", "int");
const epollCtl = native("epoll_ctl", "int", "int", "int", "int", "void *");
const epollWait = native("epoll_wait", "int", "int", "void *", "int", "int");

const EPOLL_CLOEXEC = 0x80000;
const ADD = 1;
const DELETE = 2;
const MODIFY = 3;
const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
/** struct epoll_event is packed on x86-64 alone, so that 32 bit programs see the same (its header says). */
const PACKED = process.arch === "x64";
const EVENT_SIZE = PACKED ? 12 : 16;
const DATA_OFFSET = PACKED ? 4 : 8;
const MOST_EVENTS = 64;

export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;

/** One epoll(7) instance; each descriptor is registered under a number below 2^32 that comes back with its events. */
export class Epoll {
  readonly fd = check(epollCreate1(EPOLL_CLOEXEC), "epoll_create1");
  readonly #one = new Uint8Array(EVENT_SIZE);
  readonly #many = new Uint8Array(EVENT_SIZE * MOST_EVENTS);

  #control(operation: number, fd: number, events: number, id: number): void {
    const view = new DataView(this.#one.buffer);
    view.setUint32(0, events, LITTLE);
    view.setBigUint64(DATA_OFFSET, BigInt(id), LITTLE);
    check(epollCtl(this.fd, operation, fd, this.#one), "epoll_ctl", `descriptor ${fd}`);
  }

  /**
   * Goes from one set of events to another. With none the descriptor is taken out altogether, because EPOLLHUP and
   * EPOLLERR are reported whether asked for or not: a paused socket whose peer has gone would spin.
   */
  change(fd: number, id: number, before: number, after: number): void {
    if (before === after) return;
    if (after === 0) this.#control(DELETE, fd, 0, id);
    else this.#control(before === 0 ? ADD : MODIFY, fd, after, id);
  }

  /** Waits for up to `patience` milliseconds (-1: for ever) and hands on each event with its number. */
  wait(patience: number, handle: (id: number, events: number) => void): void {
    const count = epollWait(this.fd, this.#many, MOST_EVENTS, patience);
    if (count < 0) {
      const errno = lastErrno();
      if (errno === constants.errno.EINTR) return;
      throw kernelError("epoll_wait", errno, "");
    }
    const view = new DataView(this.#many.buffer);
    for (let offset = 0; offset < count * EVENT_SIZE; offset += EVENT_SIZE) {
      handle(Number(view.getBigUint64(offset + DATA_OFFSET, LITTLE)), view.getUint32(offset, LITTLE));
    }
  }

  close(): void {
    close(this.fd);
  }
}
