/** A service at a port that it does not occupy. */
export interface LocalRedirect {
  /** IPv4 address on the namespace's loopback. */
  readonly address: string;
  /** What clients call, over UDP and TCP. */
  readonly port: number;
  /** Where the service listens at `address`. */
  readonly udp: number;
  readonly tcp: number;
}

/**
 * Rules that rewrite port numbers on the loopback of one network namespace (nf_tables, output hook). They work without
 * connection tracking, which would cost every other packet of the namespace time.
 */
export interface Redirects {
  /**
   * Puts the namespace's redirect in place, instead of an earlier one. Throws KernelError; its errno is EPROTONOSUPPORT,
   * EOPNOTSUPP or ENOENT where the kernel has no nf_tables.
   */
  redirectLocal(netns: string, redirect: LocalRedirect): void;
}
