import { constants } from "node:os";
import { lastErrno, native } from "./libc.ts";

const recv = native("recv", "long", "int", "void *", "size_t", "int");

const { EAGAIN, ECONNRESET, EINTR, EMSGSIZE } = constants.errno;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;
/** Packets are read into the same slab until there is no room for another of the largest size. */
const SLAB = 256 * 1024;
/** Larger packets are refused with EMSGSIZE. Monitors send 8 KiB, our own side 32 KiB. */
export const LARGEST_PACKET = 64 * 1024;

/** What one round of reading gave. `status`: "more" may be waiting, nothing is left for now, or an end. */
export interface Batch {
  readonly bytes: ArrayBuffer;
  readonly lengths: readonly number[];
  readonly status: "more" | "drained" | "end" | { readonly errno: number };
}

/** Reads packets of any socket into batches that can be transferred to another thread. */
export class PacketReceiver {
  #slab = new Uint8Array(SLAB);

  /** Reads up to about `budget` bytes (the packet that reaches it is still taken). */
  receive(fd: number, budget: number): Batch {
    const lengths: number[] = [];
    let used = 0;
    let status: Batch["status"] = "more";
    while (status === "more" && used < budget && used + LARGEST_PACKET <= SLAB) {
      const room = used === 0 ? this.#slab : this.#slab.subarray(used);
      const length = recv(fd, room, room.length, MSG_DONTWAIT | MSG_TRUNC);
      if (length > room.length) status = { errno: EMSGSIZE };
      else if (length > 0) {
        lengths.push(length);
        used += length;
      } else if (length === 0) status = "end";
      else status = afterError(lastErrno());
    }
    return { bytes: this.#take(used), lengths, status };
  }

  /** A well filled slab goes away as it is; a few bytes are copied out of it. */
  #take(used: number): ArrayBuffer {
    if (used < SLAB / 2) return this.#slab.buffer.slice(0, used);
    const { buffer } = this.#slab;
    this.#slab = new Uint8Array(SLAB);
    return buffer;
  }
}

/** ECONNRESET says that the peer went without reading all of ours; it comes once, and before what it sent (unix(7)). */
function afterError(errno: number): Batch["status"] {
  if (errno === EAGAIN) return "drained";
  return errno === EINTR || errno === ECONNRESET ? "more" : { errno };
}
