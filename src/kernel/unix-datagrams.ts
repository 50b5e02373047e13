/** A connected SOCK_DGRAM unix socket (unix(7)), which Node's `dgram` cannot open; it only sends. */
export interface UnixDatagramSocket {
  /** False when the receiver's queue is full: try again later. Throws KernelError, EMSGSIZE among them. */
  send(data: Uint8Array): boolean;
  close(): void;
}

export interface UnixDatagrams {
  connect(path: string): UnixDatagramSocket;
}
