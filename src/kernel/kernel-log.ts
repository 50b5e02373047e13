/** The ring buffer of the kernel's own messages (dmesg(1)). */
export interface KernelLog {
  /** Its latest lines, the oldest first; none where this process may not read them (kernel.dmesg_restrict). */
  tail(): readonly string[];
}
