import { be16 } from "../netlink/bytes.ts";
import { AF, ipToBytes } from "../netlink/ip-bytes.ts";
import type { SocketSpec, Sockets } from "../sockets.ts";
import { check, close, native } from "./libc.ts";
import { insideNetwork } from "./namespaces.ts";

const socket = native("socket", "int", "int", "int", "int");
const ioctl = native("ioctl", "int", "int", "ulong", "void *");
const bind = native("bind", "int", "int", "void *", "uint");

const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0x80000;
const SOCK_NONBLOCK = 0x800;
const SIOCOUTQ = 0x5411;

/** struct sockaddr_in or sockaddr_in6, ip(7), ipv6(7): the family in the machine's order, the port in the network's. */
function socketAddress(family: number, address: string, port: number): Uint8Array {
  const bytes = new Uint8Array(family === AF.ipv4 ? 16 : 28);
  bytes.set(new Uint8Array(new Uint16Array([family]).buffer), 0);
  bytes.set(be16(port), 2);
  bytes.set(ipToBytes(address), family === AF.ipv4 ? 4 : 8);
  return bytes;
}

function make({ type, bind: at }: SocketSpec): number {
  const family = type.endsWith("4") ? AF.ipv4 : AF.ipv6;
  const kind = type.startsWith("udp") ? SOCK_DGRAM : SOCK_STREAM;
  const fd = check(socket(family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket", type);
  if (!at) return fd;
  try {
    const address = socketAddress(family, at.address, at.port);
    check(bind(fd, address, address.length), "bind", `${at.address} port ${at.port}`);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

export const sockets: Sockets = {
  open: (spec) =>
    spec.netns === undefined ? make(spec) : insideNetwork<number>(spec.netns, () => make(spec)),
  close: (fd) => void close(fd),
  hasUntaken(fd) {
    const count = new Int32Array(1);
    check(ioctl(fd, SIOCOUTQ, new Uint8Array(count.buffer)), "ioctl", "SIOCOUTQ");
    return count[0] !== 0;
  },
};
