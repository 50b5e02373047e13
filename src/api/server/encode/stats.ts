import type { ContainerStats, CpuStats, InterfaceStats } from "../../schema/stats.ts";
import type { StatsSample } from "../ports.ts";

type Usage = NonNullable<StatsSample["usage"]>;

/** Go's zero time: there was no sample before. */
const NEVER = "0001-01-01T00:00:00Z";

const NO_CPU: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};

function cpuStats(usage: Usage | undefined): CpuStats {
  if (!usage) return NO_CPU;
  const { cpu } = usage.cgroup;
  return {
    cpu_usage: {
      total_usage: cpu.total,
      ...(cpu.perCpu ? { percpu_usage: cpu.perCpu } : {}),
      usage_in_kernelmode: cpu.system,
      usage_in_usermode: cpu.user,
    },
    system_cpu_usage: usage.host.cpuTime,
    online_cpus: usage.host.cpus,
    throttling_data: {
      periods: cpu.periods,
      throttled_periods: cpu.throttledPeriods,
      throttled_time: cpu.throttledTime,
    },
  };
}

function memoryStats({ cgroup: { memory }, host }: Usage): ContainerStats["memory_stats"] {
  const { usage, maxUsage, failures, limit, stat } = memory;
  return {
    usage,
    ...(maxUsage === undefined ? {} : { max_usage: maxUsage }),
    stats: stat,
    ...(failures === undefined ? {} : { failcnt: failures }),
    limit: Math.min(limit ?? host.memory, host.memory),
  };
}

const interfaceStats = (counters: Usage["interfaces"][number]): InterfaceStats => ({
  rx_bytes: counters.rxBytes,
  rx_packets: counters.rxPackets,
  rx_errors: counters.rxErrors,
  rx_dropped: counters.rxDropped,
  tx_bytes: counters.txBytes,
  tx_packets: counters.txPackets,
  tx_errors: counters.txErrors,
  tx_dropped: counters.txDropped,
});

const blockIo = (usage: Usage | undefined): ContainerStats["blkio_stats"] => ({
  io_service_bytes_recursive: (usage?.cgroup.blockIo ?? []).map(({ operation: op, ...rest }) => ({
    ...rest,
    op,
  })),
  io_serviced_recursive: null,
  io_queue_recursive: null,
  io_service_time_recursive: null,
  io_wait_time_recursive: null,
  io_merged_recursive: null,
  io_time_recursive: null,
  sectors_recursive: null,
});

function networksOf({ interfaces }: Usage): Pick<ContainerStats, "networks"> {
  if (interfaces.length === 0) return {};
  return { networks: Object.fromEntries(interfaces.map((entry) => [entry.name, interfaceStats(entry)])) };
}

/** One document; `previous` is what a client compares it with. A container that does not run has zeros. */
export function encodeStats(sample: StatsSample, previous: StatsSample | undefined): ContainerStats {
  const { id, name, at, usage } = sample;
  const before = usage ? previous?.usage && previous : undefined;
  const pids = usage?.cgroup.pids;
  return {
    name: `/${name}`,
    id,
    read: usage ? at : NEVER,
    preread: before?.at ?? NEVER,
    pids_stats: pids
      ? { current: pids.current, ...(pids.limit === undefined ? {} : { limit: pids.limit }) }
      : {},
    blkio_stats: blockIo(usage),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpuStats(usage),
    precpu_stats: cpuStats(before?.usage),
    memory_stats: usage ? memoryStats(usage) : {},
    ...(usage ? networksOf(usage) : {}),
  };
}

/** Each sample against the one before; with `pairsOnly` a first sample of a running container is not shown. */
export async function* encodeStatsStream(
  samples: AsyncIterable<StatsSample>,
  pairsOnly: boolean,
): AsyncGenerator<ContainerStats> {
  let previous: StatsSample | undefined;
  for await (const sample of samples) {
    if (previous || !sample.usage || !pairsOnly) yield encodeStats(sample, previous);
    previous = sample;
  }
}
