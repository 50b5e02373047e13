import type { HostUsage, InterfaceUsage } from "../usage.ts";

/** USER_HZ, in which /proc counts time: 100 on every architecture that runs containers (time(7)). */
export const NANOSECONDS_PER_TICK = 1e9 / 100;

/** proc_stat(5): user to softirq of all processors together (steal and guest time are not the machine's own). */
export function parseHostCpu(stat: string): Omit<HostUsage, "memory"> {
  const lines = stat.split("\n");
  const ticks = (lines[0] ?? "").split(/\s+/).slice(1, 8).map(Number);
  return {
    cpuTime: ticks.reduce((sum, value) => sum + value, 0) * NANOSECONDS_PER_TICK,
    cpus: lines.filter((line) => /^cpu\d/.test(line)).length,
  };
}

/** proc_meminfo(5): bytes. */
export const parseMemTotal = (meminfo: string): number =>
  Number(/^MemTotal:\s+(\d+) kB/m.exec(meminfo)?.[1] ?? 0) * 1024;

/** proc_pid_net(5), net/dev: two lines of headings, then one an interface. */
export function parseInterfaces(text: string): readonly InterfaceUsage[] {
  return text.split("\n").flatMap((line) => {
    const [, name, counters] = /^\s*(\S+):\s*(\d.*)$/.exec(line) ?? [];
    if (name === undefined || counters === undefined || name === "lo") return [];
    const values = counters.trim().split(/\s+/).map(Number);
    const at = (index: number) => values[index] ?? 0;
    return [
      {
        name,
        rxBytes: at(0),
        rxPackets: at(1),
        rxErrors: at(2),
        rxDropped: at(3),
        txBytes: at(8),
        txPackets: at(9),
        txErrors: at(10),
        txDropped: at(11),
      },
    ];
  });
}
