import type { ContainerStats, CpuStats } from "../../api/schema/stats.ts";
import type { Listing } from "./listing.ts";
import { formatBytes, formatMemory, shortId } from "./units.ts";

/** One container's line: what was measured last, or nothing yet. */
export interface Measured {
  /** As it was named by the one who asked. */
  readonly container: string;
  readonly stats: ContainerStats | undefined;
}

const NOTHING = "--";

/** Percent of one CPU's time between two samples. */
export function cpuPercent(now: CpuStats, before: CpuStats): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const cpus = now.online_cpus || (now.cpu_usage.percpu_usage?.length ?? 0);
  return used > 0 && passed > 0 ? (used / passed) * cpus * 100 : 0;
}

/** Memory without what the kernel keeps of files and would give back (cgroup v1 and v2 name it differently). */
export function memoryUsed({ usage = 0, stats = {} }: ContainerStats["memory_stats"]): number {
  const inactive = stats["total_inactive_file"] ?? stats["inactive_file"];
  return inactive !== undefined && inactive < usage ? usage - inactive : usage;
}

/** Bytes read and written by devices since the container began. */
export function blockBytes({
  io_service_bytes_recursive: entries,
}: ContainerStats["blkio_stats"]): readonly [number, number] {
  const of = (letter: string) =>
    (entries ?? [])
      .filter(({ op }) => op[0]?.toLowerCase() === letter)
      .reduce((sum, { value }) => sum + value, 0);
  return [of("r"), of("w")];
}

/** Bytes received and sent since the container began. */
export function networkBytes({ networks = {} }: ContainerStats): readonly [number, number] {
  const all = Object.values(networks);
  return [
    all.reduce((sum, { rx_bytes }) => sum + rx_bytes, 0),
    all.reduce((sum, { tx_bytes }) => sum + tx_bytes, 0),
  ];
}

const pair = ([a, b]: readonly [number, number]): string => `${formatBytes(a)} / ${formatBytes(b)}`;
const percent = (value: number): string => `${value.toFixed(2)}%`;
const memoryPercent = ({ memory_stats: memory }: ContainerStats): number =>
  memory.limit ? (memoryUsed(memory) / memory.limit) * 100 : 0;

const field = (header: string, make: (stats: ContainerStats) => string, none = NOTHING) => ({
  header,
  make: ({ stats }: Measured) => (stats ? make(stats) : none),
});

export const statsListing = (cut: boolean): Listing<Measured> => ({
  typeName: "*container.statsContext",
  columns: ["ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"],
  fields: {
    BlockIO: field("BLOCK I/O", ({ blkio_stats }) => pair(blockBytes(blkio_stats))),
    CPUPerc: field("CPU %", ({ cpu_stats, precpu_stats }) => percent(cpuPercent(cpu_stats, precpu_stats))),
    Container: { header: "CONTAINER", make: ({ container }) => container },
    ID: {
      header: "CONTAINER ID",
      make: ({ stats, container }) => (cut ? shortId(stats?.id ?? container) : (stats?.id ?? container)),
    },
    MemPerc: field("MEM %", (stats) => percent(memoryPercent(stats))),
    MemUsage: field(
      "MEM USAGE / LIMIT",
      ({ memory_stats: memory }) =>
        `${formatMemory(memoryUsed(memory))} / ${formatMemory(memory.limit ?? 0)}`,
      `${NOTHING} / ${NOTHING}`,
    ),
    Name: field("NAME", ({ name }) => name.replace(/^\//, "")),
    NetIO: field("NET I/O", (stats) => pair(networkBytes(stats))),
    PIDs: field("PIDS", ({ pids_stats }) => String(pids_stats.current ?? 0)),
  },
});
