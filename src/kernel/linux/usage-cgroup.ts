import type { BlockIo, CgroupUsage } from "../usage.ts";
import { NANOSECONDS_PER_TICK } from "./usage-host.ts";

type Numbers = Readonly<Record<string, number>>;

/** Lines of "name value". */
function flatKeyed(text: string | undefined): Numbers {
  const pairs = (text ?? "")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" "));
  return Object.fromEntries(pairs.map(([name = "", value]) => [name, Number(value)]));
}

/** `oom_kill` of v2's memory.events or of v1's memory.oom_control (since Linux 4.13). */
export const parseOomKills = (text: string | undefined): number => flatKeyed(text)["oom_kill"] ?? 0;

const number = (text: string | undefined): number => Number(text?.trim() ?? 0);

/** "max", or what v1 says for it: a number of pages that no machine has. */
function limit(text: string | undefined): number | undefined {
  const word = text?.trim() ?? "max";
  return word === "max" || Number(word) > Number.MAX_SAFE_INTEGER ? undefined : Number(word);
}

/** Reads a file of a group by controller and name; undefined when it is not there. */
export type ReadV1 = (controller: string, file: string) => string | undefined;

/** From the files of kernel Documentation/admin-guide/cgroup-v1. */
export function readUsageV1(read: ReadV1): CgroupUsage | undefined {
  const total = read("cpuacct", "cpuacct.usage");
  const memory = read("memory", "memory.usage_in_bytes");
  if (total === undefined && memory === undefined) return undefined;
  const ticks = flatKeyed(read("cpuacct", "cpuacct.stat"));
  const throttling = flatKeyed(read("cpu", "cpu.stat"));
  return {
    cpu: {
      total: number(total),
      user: (ticks["user"] ?? 0) * NANOSECONDS_PER_TICK,
      system: (ticks["system"] ?? 0) * NANOSECONDS_PER_TICK,
      perCpu: (read("cpuacct", "cpuacct.usage_percpu") ?? "").trim().split(/\s+/).filter(Boolean).map(Number),
      periods: throttling["nr_periods"] ?? 0,
      throttledPeriods: throttling["nr_throttled"] ?? 0,
      throttledTime: throttling["throttled_time"] ?? 0,
    },
    memory: {
      usage: number(memory),
      maxUsage: number(read("memory", "memory.max_usage_in_bytes")),
      failures: number(read("memory", "memory.failcnt")),
      limit: limit(read("memory", "memory.limit_in_bytes")),
      stat: flatKeyed(read("memory", "memory.stat")),
    },
    pids: { current: number(read("pids", "pids.current")), limit: limit(read("pids", "pids.max")) },
    blockIo: blockIoV1(
      read("blkio", "blkio.throttle.io_service_bytes_recursive") ??
        read("blkio", "blkio.throttle.io_service_bytes"),
    ),
  };
}

/** Lines of "8:0 Read 4096". */
function blockIoV1(text: string | undefined): readonly BlockIo[] {
  return (text ?? "").split("\n").flatMap((line) => {
    const [, major, minor, operation, value] = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line) ?? [];
    if (operation === undefined) return [];
    return [
      {
        major: Number(major),
        minor: Number(minor),
        operation: operation.toLowerCase(),
        value: Number(value),
      },
    ];
  });
}

/** From the files of kernel Documentation/admin-guide/cgroup-v2. */
export function readUsageV2(read: (file: string) => string | undefined): CgroupUsage | undefined {
  const text = read("cpu.stat");
  if (text === undefined) return undefined;
  const cpu = flatKeyed(text);
  const nanoseconds = (name: string) => (cpu[name] ?? 0) * 1000;
  return {
    cpu: {
      total: nanoseconds("usage_usec"),
      user: nanoseconds("user_usec"),
      system: nanoseconds("system_usec"),
      periods: cpu["nr_periods"] ?? 0,
      throttledPeriods: cpu["nr_throttled"] ?? 0,
      throttledTime: nanoseconds("throttled_usec"),
    },
    memory: {
      usage: number(read("memory.current")),
      limit: limit(read("memory.max")),
      stat: flatKeyed(read("memory.stat")),
    },
    pids: { current: number(read("pids.current")), limit: limit(read("pids.max")) },
    blockIo: blockIoV2(read("io.stat")),
  };
}

/** Lines of "8:0 rbytes=4096 wbytes=0 rios=1 ...". */
function blockIoV2(text: string | undefined): readonly BlockIo[] {
  return (text ?? "").split("\n").flatMap((line) => {
    const [, major, minor, rest] = /^(\d+):(\d+) (.*)$/.exec(line) ?? [];
    if (rest === undefined) return [];
    const device = { major: Number(major), minor: Number(minor) };
    return (["read", "write"] as const).map((operation) => {
      const value = new RegExp(`\\b${operation[0]}bytes=(\\d+)`).exec(rest)?.[1];
      return { ...device, operation, value: Number(value ?? 0) };
    });
  });
}
