import type { ContainerSummary } from "../../api/schema/container-answer.ts";
import type { DiskUsage } from "../../api/schema/system.ts";
import type { VolumeResource } from "../../api/schema/volume.ts";
import { cacheRecords } from "./build-cache.ts";
import type { Listing } from "./listing.ts";
import { formatSize } from "./units.ts";

/** One line of `system df`. */
export interface Usage {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  /** Bytes. */
  readonly size: number;
  readonly reclaimable: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const runs = ({ State }: ContainerSummary): boolean => /^(running|paused|restarting)$/i.test(State);

/** What images, containers, volumes and the build cache take, and how much of it nothing needs. */
export function usages(usage: DiskUsage): readonly Usage[] {
  const images = usage.Images ?? [];
  const containers = usage.Containers ?? [];
  const volumes = usage.Volumes ?? [];
  const size = usage.LayersSize ?? 0;
  const used = images.filter(({ Containers }) => Containers > 0);
  const needed = sum(
    used.map(({ Size, SharedSize }) => (Size === -1 || SharedSize === -1 ? 0 : Size - SharedSize)),
  );
  const idle = containers.filter((container) => !runs(container));
  return [
    { type: "Images", total: images.length, active: used.length, size, reclaimable: size - needed },
    {
      type: "Containers",
      total: containers.length,
      active: containers.length - idle.length,
      size: sum(containers.map(({ SizeRw = 0 }) => SizeRw)),
      reclaimable: sum(idle.map(({ SizeRw = 0 }) => SizeRw)),
    },
    volumeUsage(volumes),
    cacheUsage(usage),
  ];
}

function volumeUsage(volumes: readonly VolumeResource[]): Usage {
  const sizeOf = ({ UsageData }: VolumeResource) => Math.max(0, UsageData?.Size ?? 0);
  const unused = volumes.filter(({ UsageData }) => (UsageData?.RefCount ?? 0) <= 0);
  return {
    type: "Local Volumes",
    total: volumes.length,
    active: volumes.length - unused.length,
    size: sum(volumes.map(sizeOf)),
    reclaimable: sum(unused.map(sizeOf)),
  };
}

/** The share of the build cache in it. */
export function cacheUsage(usage: DiskUsage): Usage {
  const records = cacheRecords(usage);
  const size = sum(records.map(({ Size, Shared }) => (Shared ? 0 : Size)));
  const inUse = records.filter(({ InUse }) => InUse);
  const needed = sum(inUse.map(({ Size, Shared }) => (Shared ? 0 : Size)));
  return {
    type: "Build Cache",
    total: records.length,
    active: inUse.length,
    size,
    reclaimable: size - needed,
  };
}

/** The build cache is told without a share, as docker does. */
function reclaimable({ type, size, reclaimable: bytes }: Usage): string {
  const share = size > 0 && type !== "Build Cache" ? ` (${Math.trunc((bytes * 100) / size)}%)` : "";
  return `${formatSize(bytes)}${share}`;
}

export const usageListing: Listing<Usage> = {
  typeName: "*formatter.diskUsageContext",
  columns: ["Type", "TotalCount", "Active", "Size", "Reclaimable"],
  fields: {
    Active: { header: "ACTIVE", make: ({ active }) => String(active) },
    Reclaimable: { header: "RECLAIMABLE", make: reclaimable },
    Size: { header: "SIZE", make: ({ size }) => formatSize(size) },
    TotalCount: { header: "TOTAL", make: ({ total }) => String(total) },
    Type: { header: "TYPE", make: ({ type }) => type },
  },
};
