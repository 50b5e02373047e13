import type { ContainerStats } from "../../api/schema/stats.ts";
import { blockBytes, cpuPercent, memoryUsed, networkBytes } from "../format/stats.ts";

/** What has been measured of a container, the newest last. Percent of one CPU, bytes, bytes a second. */
export interface History {
  readonly cpu: readonly number[];
  readonly memory: readonly number[];
  readonly received: readonly number[];
  readonly sent: readonly number[];
  readonly read: readonly number[];
  readonly written: readonly number[];
  readonly memoryLimit: number;
  readonly processes: number;
  /** Since the container began. */
  readonly totals: { readonly at: number; readonly network: Pair; readonly block: Pair };
}

type Pair = readonly [number, number];

/** Samples that are kept, one a second: more than a wide terminal shows. */
const KEPT = 240;

/** The history with one more sample. */
export function withSample(before: History | undefined, stats: ContainerStats): History {
  const totals = {
    at: Date.parse(stats.read),
    network: networkBytes(stats),
    block: blockBytes(stats.blkio_stats),
  };
  const seconds = before ? (totals.at - before.totals.at) / 1000 : 0;
  const rate = (now: number, then: number | undefined) =>
    then === undefined || seconds <= 0 ? 0 : Math.max(0, (now - then) / seconds);
  const add = (values: readonly number[] | undefined, value: number) =>
    [...(values ?? []), value].slice(-KEPT);
  const { network, block } = totals;
  return {
    cpu: add(before?.cpu, cpuPercent(stats.cpu_stats, stats.precpu_stats)),
    memory: add(before?.memory, memoryUsed(stats.memory_stats)),
    received: add(before?.received, rate(network[0], before?.totals.network[0])),
    sent: add(before?.sent, rate(network[1], before?.totals.network[1])),
    read: add(before?.read, rate(block[0], before?.totals.block[0])),
    written: add(before?.written, rate(block[1], before?.totals.block[1])),
    memoryLimit: stats.memory_stats.limit ?? 0,
    processes: stats.pids_stats.current ?? 0,
    totals,
  };
}
