import { constants } from "node:os";
import type { UnixDatagrams } from "../unix-datagrams.ts";
import { check, close, kernelError, lastErrno, native } from "./libc.ts";
import { withAddress } from "./packet-sockets.ts";

const socket = native("socket", "int", "int", "int", "int");
const connect = native("connect", "int", "int", "void *", "uint");
const send = native("send", "long", "int", "void *", "size_t", "int");

const { EAGAIN, EINTR } = constants.errno;
const AF_UNIX = 1;
const DGRAM_CLOEXEC_NONBLOCK = 2 | 0x80000 | 0x800;
const MSG_NOSIGNAL = 0x4000;

export const unixDatagrams: UnixDatagrams = {
  connect(path) {
    const fd = check(socket(AF_UNIX, DGRAM_CLOEXEC_NONBLOCK, 0), "socket", "AF_UNIX");
    try {
      withAddress(path, (address) => check(connect(fd, address, address.length), "connect", path));
    } catch (error) {
      close(fd);
      throw error;
    }
    let open = true;
    return {
      send(data) {
        if (send(fd, data, data.length, MSG_NOSIGNAL) >= 0) return true;
        const errno = lastErrno();
        if (errno === EAGAIN || errno === EINTR) return false;
        throw kernelError("send", errno, path);
      },
      close() {
        if (open) close(fd);
        open = false;
      },
    };
  },
};
