import { close as closeLater } from "node:fs";
import type { Frames } from "../frames.ts";
import { check, native } from "./libc.ts";
import { insideNetwork } from "./namespaces.ts";

const socket = native("socket", "int", "int", "int", "int");
const sendto = native("sendto", "long", "int", "void *", "size_t", "int", "void *", "uint");

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0x80000;
const SOCK_NONBLOCK = 0x800;
/** Protocol 0: it sends, and nothing of what arrives is copied to it. */
const SENDS_ONLY = 0;

/** struct sockaddr_ll, packet(7): of a raw socket's only the interface counts. */
function linkAddress(index: number): Uint8Array {
  const bytes = new Uint8Array(20);
  bytes.set(new Uint8Array(new Uint16Array([AF_PACKET]).buffer), 0);
  bytes.set(new Uint8Array(new Int32Array([index]).buffer), 4);
  return bytes;
}

export const frames: Frames = {
  send(netns, index, all) {
    const open = () =>
      check(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, SENDS_ONLY), "socket");
    const address = linkAddress(index);
    const fd = insideNetwork<number>(netns, open);
    try {
      for (const frame of all) {
        const sent = sendto(fd, frame, frame.length, 0, address, address.length);
        check(sent, "sendto", `interface ${index}`);
      }
    } finally {
      // On a thread: closing a packet socket waits until every processor has let go of it, some 20 ms.
      closeLater(fd);
    }
  },
};
