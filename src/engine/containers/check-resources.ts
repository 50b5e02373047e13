import { invalidParameter } from "../../base/errors.ts";
import type { HostConfig } from "./documents.ts";

const MIB = 1024 * 1024;
const LEAST_MEMORY = 6 * MIB;

type Rule = readonly [broken: boolean, message: string];

/** Throws the first rule that is broken. */
export function refuseFirst(rules: readonly Rule[]): void {
  const broken = rules.find(([isBroken]) => isBroken);
  if (broken) throw invalidParameter(broken[1]);
}

function memoryRules(host: HostConfig): readonly Rule[] {
  const { Memory: memory = 0, MemorySwap: swap = 0, MemoryReservation: reservation = 0 } = host;
  const swappiness = host.MemorySwappiness ?? -1;
  return [
    [memory !== 0 && memory < LEAST_MEMORY, "Minimum memory limit allowed is 6MB"],
    [
      memory > 0 && swap > 0 && swap < memory,
      "Minimum memoryswap limit should be larger than memory limit, see usage",
    ],
    [
      memory === 0 && swap > 0,
      "You should always set the Memory limit when using Memoryswap limit, see usage",
    ],
    [
      swappiness < -1 || swappiness > 100,
      `Invalid value: ${swappiness}, valid memory swappiness range is 0-100`,
    ],
    [reservation !== 0 && reservation < LEAST_MEMORY, "Minimum memory reservation allowed is 6MB"],
    [
      memory > 0 && reservation > memory,
      "Minimum memory limit can not be less than memory reservation limit, see usage",
    ],
  ];
}

function cpuRules(host: HostConfig, cpus: number): readonly Rule[] {
  const { NanoCpus: nano = 0, CpuPeriod: period = 0, CpuQuota: quota = 0 } = host;
  return [
    [nano > 0 && period > 0, "Conflicting options: Nano CPUs and CPU Period cannot both be set"],
    [nano > 0 && quota > 0, "Conflicting options: Nano CPUs and CPU Quota cannot both be set"],
    [
      nano < 0 || nano > cpus * 1e9,
      `Range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`,
    ],
    [
      period !== 0 && (period < 1000 || period > 1_000_000),
      "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
    ],
    [quota > 0 && quota < 1000, "CPU cfs quota can not be less than 1ms (i.e. 1000)"],
    [(host.CpuShares ?? 0) < 0, `invalid CPU shares (${host.CpuShares}): value must be a positive integer`],
  ];
}

function realtimeRules(host: HostConfig, isKept: boolean): readonly Rule[] {
  const { CpuRealtimePeriod: period = 0, CpuRealtimeRuntime: runtime = 0 } = host;
  return [
    [(period !== 0 || runtime !== 0) && !isKept, "kernel does not support CPU real-time scheduler"],
    [period !== 0 && runtime > period, "cpu real-time runtime cannot be higher than cpu real-time period"],
  ];
}

function otherRules(host: HostConfig): readonly Rule[] {
  const { BlkioWeight: weight = 0, OomScoreAdj: score = 0, ShmSize: shm = 0 } = host;
  return [
    [weight !== 0 && (weight < 10 || weight > 1000), "Range of blkio weight is from 10 to 1000"],
    [score < -1000 || score > 1000, `Invalid value ${score}, range for oom score adj is [-1000, 1000]`],
    [shm < 0, "SHM size can not be less than 0"],
  ];
}

/** "0-2,7" to its numbers; undefined when it is not such a list. */
export function parseCpuList(text: string): readonly number[] | undefined {
  const numbers: number[] = [];
  for (const part of text.split(",")) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    if (!match) return undefined;
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (last < first || last > 65535) return undefined;
    for (let number = first; number <= last; number++) numbers.push(number);
  }
  return numbers;
}

/** Throws when a list is none, or names what this host has not. */
function checkCpuset(kind: "cpus" | "mems", text: string | undefined, available: string): void {
  if (!text) return;
  const numbers = parseCpuList(text);
  if (!numbers) throw invalidParameter(`Invalid value ${text} for cpuset ${kind}: invalid format: ${text}`);
  const present = new Set(parseCpuList(available));
  if (numbers.every((number) => present.has(number))) return;
  const what = kind === "cpus" ? "CPUs" : "memory nodes";
  throw invalidParameter(`Requested ${what} are not available - requested ${text}, available: ${available}`);
}

/** What a limit is compared with. */
export interface Available {
  /** Of processors. */
  readonly count: number;
  readonly cpuRealtime: boolean;
  /** Processors and memory nodes by number: "0-3". */
  readonly cpus: string;
  readonly mems: string;
}

/** Refuses resource limits that cannot be, in Docker's words. */
export function checkResources(host: HostConfig, { count, cpuRealtime, cpus, mems }: Available): void {
  refuseFirst([
    ...memoryRules(host),
    ...cpuRules(host, count),
    ...realtimeRules(host, cpuRealtime),
    ...otherRules(host),
  ]);
  checkCpuset("cpus", host.CpusetCpus, cpus);
  checkCpuset("mems", host.CpusetMems, mems);
}
