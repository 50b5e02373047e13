import { constants } from "node:os";
import type { Conntrack } from "../conntrack.ts";
import { KernelError } from "../errors.ts";
import type { Links, Netlink } from "../links.ts";
import {
  CONNTRACK_DELETE,
  createExchange,
  type Exchange,
  encodeFlowFilter,
  encodeRedirect,
  GET_TABLE,
  type LinksEnvironment,
  type NetnsFds,
  RouteNetlink,
  redirectTable,
  runBatch,
  type Transport,
} from "../netlink/index.ts";
import type { Redirects } from "../redirects.ts";
import { AT_FDCWD, check, close, kernelError, lastErrno, native, nativeLater, openAt } from "./libc.ts";
import { insideNetwork } from "./namespaces.ts";

const socket = native("socket", "int", "int", "int", "int");
const setsockopt = native("setsockopt", "int", "int", "int", "int", "void *", "uint");
const send = native("send", "long", "int", "void *", "size_t", "int");
const sendLater = nativeLater("send", "long", "int", "void *", "size_t", "int");
const recv = native("recv", "long", "int", "void *", "size_t", "int");

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0x80000;
const NETLINK_ROUTE = 0;
const NETLINK_NETFILTER = 12;
const SOL_NETLINK = 270;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const MSG_TRUNC = 0x20;
/** The kernel fills at most 32 KiB of a dump into one datagram when asked with smaller buffers. */
const BUFFER = 64 * 1024;
/** Answers come within the send; without a limit a lost one would hold the thread for ever. */
const PATIENCE_SECONDS = 10n;

let buffer: Uint8Array | undefined;

function openSocket(protocol: number): number {
  const fd = check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), "socket", "AF_NETLINK");
  const on = new Uint8Array(new Int32Array([1]).buffer);
  // Both are refinements that very old kernels lack: error texts, and dumps that check what they are asked.
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, on, 4);
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, on, 4);
  const patience = new Uint8Array(new BigInt64Array([PATIENCE_SECONDS, 0n]).buffer);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, patience, patience.length);
  return fd;
}

/** With a time limit on the socket a signal ends the call, SA_RESTART or not (signal(7)). */
function uninterrupted(syscall: string, call: () => number): number {
  for (;;) {
    const result = call();
    if (result >= 0) return result;
    const errno = lastErrno();
    if (errno !== constants.errno.EINTR) throw kernelError(syscall, errno, "netlink");
  }
}

function createTransport(protocol: number, end: (fd: number) => unknown = close): Transport {
  let fd = openSocket(protocol);
  return {
    send(bytes) {
      uninterrupted("send", () => send(fd, bytes, bytes.length, 0));
    },
    async sendLater(bytes) {
      const sent = await sendLater(fd, bytes, bytes.length, 0);
      if (sent < 0) throw kernelError("send", constants.errno.EIO, "netlink");
    },
    receive() {
      buffer ??= new Uint8Array(BUFFER);
      const target = buffer;
      const length = uninterrupted("recv", () => recv(fd, target, BUFFER, MSG_TRUNC));
      if (length > BUFFER)
        throw kernelError("recv", constants.errno.EMSGSIZE, `netlink datagram of ${length} bytes`);
      return target.subarray(0, length);
    },
    close() {
      if (fd >= 0) end(fd);
      fd = -1;
    },
  };
}

function withNamespaces<T>(paths: readonly string[], body: (fds: NetnsFds) => T): T {
  const fds = new Map<string, number>();
  try {
    for (const path of paths) fds.set(path, openAt(AT_FDCWD, path, 0));
    return body(fds);
  } finally {
    for (const fd of fds.values()) close(fd);
  }
}

const fail = (operation: string, errno: number, detail: string) =>
  kernelError("netlink", errno, detail ? `${operation}: ${detail}` : operation);

const routes = () => createTransport(NETLINK_ROUTE);

function open(netns?: string): Links {
  // The socket belongs for ever to the namespace in which it was made.
  const exchange = () =>
    createExchange(netns === undefined ? routes() : insideNetwork<Transport>(netns, routes), fail);
  return new RouteNetlink(exchange(), environment, exchange);
}

const environment: LinksEnvironment = { withNamespaces, open, fail };

export const netlink: Netlink = { open };

const closeLater = nativeLater("close", "int", "int");

export const redirects: Redirects = {
  redirectLocal(netns, redirect) {
    const operation = `redirect ${redirect.address} port ${redirect.port}`;
    // The kernel ends deletions when a socket is closed, and waits milliseconds for that (nft_rcv_nl_event).
    const transport = insideNetwork<Transport>(netns, () => createTransport(NETLINK_NETFILTER, closeLater));
    try {
      // Asked for first: a transaction that fails waits as long as one that deletes.
      const how = hasRedirect(createExchange(transport, fail)) ? "instead" : "new";
      runBatch(transport, operation, encodeRedirect(redirect, how), fail);
    } finally {
      transport.close();
    }
  },
};

function hasRedirect(exchange: Exchange): boolean {
  try {
    exchange.query("look for a redirect", GET_TABLE, 0, () => undefined, ...redirectTable());
    return true;
  } catch (error) {
    if (error instanceof KernelError && error.code === "ENOENT") return false;
    throw error;
  }
}

/** The whole table is gone through, which may be long: not on this thread. */
export const conntrack: Conntrack = {
  async forget(filter) {
    const exchange = createExchange(createTransport(NETLINK_NETFILTER), fail);
    try {
      await exchange.commandLater("forget flows", CONNTRACK_DELETE, 0, encodeFlowFilter(filter));
    } finally {
      exchange.close();
    }
  },
};
