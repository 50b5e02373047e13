import type { ContainerSummary } from "../../api/schema/container-answer.ts";
import type { DiskUsage } from "../../api/schema/system.ts";
import type { VolumeResource } from "../../api/schema/volume.ts";
import { containerListing } from "./containers.ts";
import { imageFields, namedImages } from "./images.ts";
import { formatItems, type Listing } from "./listing.ts";
import { formatBytes, formatSize } from "./units.ts";
import { volumeListing } from "./volumes.ts";

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

interface CacheRecord {
  readonly ID: string;
  readonly Type: string;
  readonly InUse?: boolean;
  readonly Shared?: boolean;
  readonly Size: number;
  readonly CreatedAt?: string;
  readonly LastUsedAt?: string | null;
  readonly UsageCount?: number;
}

export const cacheRecords = ({ BuildCache }: DiskUsage): readonly CacheRecord[] =>
  (BuildCache ?? []) as readonly CacheRecord[];

function cacheUsage(usage: DiskUsage): Usage {
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

const cacheListing: Listing<CacheRecord> = {
  typeName: "*formatter.buildCacheContext",
  columns: ["ID", "CacheType", "Size", "CreatedSince", "LastUsedSince", "UsageCount", "Shared"],
  fields: {
    CacheType: { header: "CACHE TYPE", make: ({ Type }) => Type },
    CreatedSince: { header: "CREATED", make: ({ CreatedAt }) => CreatedAt ?? "" },
    ID: { header: "CACHE ID", make: ({ ID, InUse }) => `${ID.slice(0, 12)}${InUse ? "*" : ""}` },
    LastUsedSince: { header: "LAST USED", make: ({ LastUsedAt }) => LastUsedAt ?? "" },
    Shared: { header: "SHARED", make: ({ Shared }) => String(Shared === true) },
    Size: { header: "SIZE", make: ({ Size }) => formatBytes(Size) },
    UsageCount: { header: "USAGE", make: ({ UsageCount }) => String(UsageCount ?? 0) },
  },
};

/** Every image, container, volume and cache record with what it takes. */
export async function detailedUsage(usage: DiskUsage): Promise<string> {
  const fields = imageFields(true);
  const images = {
    typeName: "*formatter.imageContext",
    fields: {
      ...fields,
      SharedSize: {
        header: "SHARED SIZE",
        make: ({ image }: { readonly image: { readonly SharedSize: number } }) =>
          formatSize(Math.max(0, image.SharedSize)),
      },
      UniqueSize: {
        header: "UNIQUE SIZE",
        make: ({ image }: { readonly image: { readonly Size: number; readonly SharedSize: number } }) =>
          formatSize(image.Size - Math.max(0, image.SharedSize)),
      },
    },
    columns: ["Repository", "Tag", "ID", "CreatedSince", "Size", "SharedSize", "UniqueSize", "Containers"],
  };
  const containers = containerListing(true, false);
  const columns = ["ID", "Image", "Command", "LocalVolumes", "Size", "RunningFor", "Status", "Names"];
  const withoutTotal = (usage.Containers ?? []).map((container) => ({ ...container, SizeRootFs: 0 }));
  const cache = cacheRecords(usage);
  // An image is one line here, however many names it has.
  const named = (usage.Images ?? []).flatMap((image) => namedImages(image, false).slice(0, 1));
  return `Images space usage:

${await formatItems(images, "table", named)}
Containers space usage:

${await formatItems({ ...containers, columns }, "table", withoutTotal)}
Local Volumes space usage:

${await formatItems({ ...volumeListing, columns: ["Name", "Links", "Size"] }, "table", usage.Volumes ?? [])}
Build cache usage: ${formatSize(cacheUsage(usage).size)}

${await formatItems(cacheListing, "table", cache)}`;
}
