import type { HostDocument } from "./input.ts";

/** Hidden from containers: they tell about, or reach, the host's hardware and other processes. */
const MASKED: readonly string[] = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];

const READONLY: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];

/** An empty list from the client is a decision ("systempaths=unconfined"); only null asks for the defaults. */
export function protectedPaths({
  Privileged,
  MaskedPaths,
  ReadonlyPaths,
}: Pick<HostDocument, "Privileged" | "MaskedPaths" | "ReadonlyPaths">) {
  if (Privileged) return { maskedPaths: [], readonlyPaths: [] };
  return { maskedPaths: MaskedPaths ?? MASKED, readonlyPaths: ReadonlyPaths ?? READONLY };
}
