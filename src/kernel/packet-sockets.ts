/**
 * A connected SOCK_SEQPACKET unix socket (unix(7)), which Node's `net` cannot open. Receiving happens on a worker
 * thread (one for all sockets, an epoll loop), with back-pressure: at most `window` bytes are on their way to a
 * consumer that does not keep up.
 */
export interface PacketSocket {
  readonly closed: boolean;
  /** Ends when the peer closes. Each item is one packet; the consumer owns the buffer. */
  packets(): AsyncIterable<Uint8Array>;
  /** Sends bytes, split into packets of at most 32 KiB; resolves when the kernel has them. */
  send(data: Uint8Array): Promise<void>;
  /** No more from our side (SHUT_WR). */
  end(): Promise<void>;
  close(): void;
}

export interface PacketSockets {
  /** `path` may be longer than the 108 bytes of sun_path: it is reached through a directory handle. */
  connect(path: string): Promise<PacketSocket>;
  /** Ends the worker thread, and with it every open socket. */
  close(): Promise<void>;
}
