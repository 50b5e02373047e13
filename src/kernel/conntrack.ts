/** Flows the kernel remembers (connection tracking), told by one side of them. */
export interface FlowFilter {
  readonly protocol: "udp";
  /** Sent to this port, by the sender's reckoning: before it was rewritten. */
  readonly sentToPort?: number;
  /** Answered from this address: after it was rewritten. */
  readonly answeredFrom?: string;
  readonly family: 4 | 6;
}

export interface Conntrack {
  /**
   * Forgets flows of the calling namespace, so that their next packet is judged by the rules of today. Needs a kernel
   * that filters (6.10); older ones answer with EINVAL and change nothing.
   */
  forget(filter: FlowFilter): Promise<void>;
}
