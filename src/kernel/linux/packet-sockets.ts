import { constants as fsConstants } from "node:fs";
import { constants } from "node:os";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PacketSocket, PacketSockets } from "../packet-sockets.ts";
import type { EventLoop } from "./event-loop.ts";
import {
  AT_FDCWD,
  check,
  close,
  cString,
  kernelError,
  lastErrno,
  native,
  O_PATH,
  openAt,
  withDescriptor,
} from "./libc.ts";
import { UnixPacketSocket } from "./unix-packet-socket.ts";

const socket = native("socket", "int", "int", "int", "int");
const connect = native("connect", "int", "int", "void *", "uint");

const { EAGAIN, EINTR, ENAMETOOLONG } = constants.errno;
const AF_UNIX = 1;
const SEQPACKET_CLOEXEC_NONBLOCK = 5 | 0x80000 | 0x800;
/** sun_path without the terminator. */
const LONGEST_PATH = 107;
/** EAGAIN: the listener's queue is full (unix(7)); it takes the next one as soon as it runs. */
const CONNECT_PATIENCE = 5_000;

/** struct sockaddr_un; `@name` is an abstract address (unix(7)), as systemd writes them. */
function socketAddress(path: string): Uint8Array {
  const bytes = Buffer.from(path.startsWith("@") ? `  \0${path.slice(1)}` : `  ${path}\0`);
  new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0] = AF_UNIX;
  return bytes;
}

/** Hands on an address of the socket that fits: a long path goes through a handle on its directory. */
export function withAddress<T>(path: string, body: (address: Uint8Array) => T): T {
  if (Buffer.byteLength(cString(path, "connect")) <= LONGEST_PATH) return body(socketAddress(path));
  return withDescriptor(openAt(AT_FDCWD, dirname(path), O_PATH | fsConstants.O_DIRECTORY), (directory) => {
    const short = `/proc/thread-self/fd/${directory}/${basename(path)}`;
    if (Buffer.byteLength(short) > LONGEST_PATH) throw kernelError("connect", ENAMETOOLONG, path);
    return body(socketAddress(short));
  });
}

/** True when connected, false when the listener's queue is full. */
function tryConnect(fd: number, path: string): boolean {
  return withAddress(path, (address) => {
    if (connect(fd, address, address.length) === 0) return true;
    const errno = lastErrno();
    if (errno === EAGAIN || errno === EINTR) return false;
    throw kernelError("connect", errno, path);
  });
}

async function connected(path: string): Promise<number> {
  const fd = check(socket(AF_UNIX, SEQPACKET_CLOEXEC_NONBLOCK, 0), "socket", "AF_UNIX");
  try {
    const end = performance.now() + CONNECT_PATIENCE;
    while (!tryConnect(fd, path)) {
      if (performance.now() > end) throw kernelError("connect", EAGAIN, path);
      await sleep(2);
    }
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

export const createPacketSockets = (loop: EventLoop): PacketSockets => ({
  connect: async (path): Promise<PacketSocket> => new UnixPacketSocket(await connected(path), loop),
  close: () => loop.close(),
});
