export interface SocketSpec {
  readonly type: "udp4" | "udp6" | "tcp4" | "tcp6";
  /** Path of the network namespace file the socket shall belong to; the caller's own when undefined. */
  readonly netns?: string;
  /** Port 0 takes a free one. Without `bind` it is left to connect(2). */
  readonly bind?: { readonly address: string; readonly port: number };
}

/** Sockets of other network namespaces: they stay in the one in which they were made, whoever uses them. */
export interface Sockets {
  /**
   * A descriptor for node:dgram (`bind({ fd })`) or node:net (`listen({ fd })`, `new Socket({ fd })`), which close it;
   * until one of them has it, it is the caller's. Throws KernelError.
   */
  open(spec: SocketSpec): number;
  /** For a descriptor that nobody took over. */
  close(fd: number): void;
  /**
   * Whether the peer of a connected stream socket has yet to take bytes that were sent: to read them on a unix socket, to
   * acknowledge them on a TCP one (SIOCOUTQ: unix(7), tcp(7)). Throws KernelError.
   */
  hasUntaken(fd: number): boolean;
}
