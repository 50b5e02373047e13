/** SCTP sockets, which Node has not. */
export interface Sctp {
  /**
   * Listens, so that no other process can take the port; nobody accepts. Throws KernelError: EADDRINUSE,
   * EPROTONOSUPPORT where the kernel has no SCTP.
   */
  listen(ip: string, port: number): Disposable;
}
