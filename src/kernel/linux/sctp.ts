import { ipToBytes } from "../netlink/index.ts";
import type { Sctp } from "../sctp.ts";
import { check, close, native } from "./libc.ts";

const socket = native("socket", "int", "int", "int", "int");
const bind = native("bind", "int", "int", "void *", "uint");
const listen = native("listen", "int", "int", "int");
const setsockopt = native("setsockopt", "int", "int", "int", "int", "void *", "uint");

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0x80000;
const IPPROTO_SCTP = 132;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const ON = new Uint8Array(new Int32Array([1]).buffer);

/** struct sockaddr_in (16 bytes) or sockaddr_in6 (28 bytes), ip(7) and ipv6(7). */
function socketAddress(ip: string, port: number): Uint8Array {
  const address = ipToBytes(ip);
  const ipv6 = address.length === 16;
  const bytes = Buffer.alloc(ipv6 ? 28 : 16);
  // The family is in the machine's byte order, the port in the network's.
  new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0] = ipv6 ? AF_INET6 : AF_INET;
  bytes.writeUInt16BE(port, 2);
  bytes.set(address, ipv6 ? 8 : 4);
  return bytes;
}

export const sctp: Sctp = {
  listen(ip, port) {
    const family = ip.includes(":") ? AF_INET6 : AF_INET;
    const fd = check(socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP), "socket", "SCTP");
    try {
      // The port of the wildcard address of IPv4 is another socket's.
      if (family === AF_INET6)
        check(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, ON, ON.length), "setsockopt", "IPV6_V6ONLY");
      const address = socketAddress(ip, port);
      check(bind(fd, address, address.length), "bind", `${ip} ${port}`);
      check(listen(fd, 1), "listen", `${ip} ${port}`);
    } catch (error) {
      close(fd);
      throw error;
    }
    return { [Symbol.dispose]: () => close(fd) };
  },
};
