import { check, native } from "./libc.ts";

const eventfd = native("eventfd", "int", "uint", "int");
const read = native("read", "long", "int", "void *", "size_t");
const write = native("write", "long", "int", "void *", "size_t");

const EFD_CLOEXEC_NONBLOCK = 0x80000 | 0x800;
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);

/** An eventfd(2): a counter that is readable while it is not zero. */
export const makeEventfd = (): number => check(eventfd(0, EFD_CLOEXEC_NONBLOCK), "eventfd");

export function signalEvent(fd: number): void {
  write(fd, ONE, ONE.length);
}

/** Sets it back to zero. */
export function takeEvent(fd: number): void {
  read(fd, new Uint8Array(8), 8);
}
