import type { DiskUsage } from "../../api/schema/system.ts";
import type { Listing } from "./listing.ts";
import { formatAge, formatBytes, formatGoTime, shortId } from "./units.ts";

/** What the engine says of one thing in its build cache. */
export interface CacheRecord {
  readonly ID: string;
  readonly Parents?: readonly string[] | null;
  readonly Type: string;
  readonly Description?: string;
  readonly InUse?: boolean;
  readonly Shared?: boolean;
  readonly Size: number;
  readonly CreatedAt: string;
  readonly LastUsedAt?: string | null;
  readonly UsageCount?: number;
}

/** The records of the build cache in docker's order: the one used longest ago first, before it those never used. */
export function cacheRecords({ BuildCache }: DiskUsage): readonly CacheRecord[] {
  const used = ({ LastUsedAt }: CacheRecord) =>
    LastUsedAt ? Date.parse(LastUsedAt) : Number.NEGATIVE_INFINITY;
  const inOrder = (a: CacheRecord, b: CacheRecord) => {
    const [first, second] = [used(a), used(b)];
    if (first !== second) return first < second ? -1 : 1;
    return a.ID < b.ID ? -1 : 1;
  };
  return ((BuildCache ?? []) as readonly CacheRecord[]).toSorted(inOrder);
}

const since = (instant: string | null | undefined): string =>
  instant ? formatAge((Date.now() - Date.parse(instant)) / 1000) : "";

export const cacheListing = (cut: boolean): Listing<CacheRecord> => ({
  typeName: "*formatter.buildCacheContext",
  columns: ["ID", "CacheType", "Size", "CreatedSince", "LastUsedSince", "UsageCount", "Shared"],
  fields: {
    CacheType: { header: "CACHE TYPE", make: ({ Type }) => Type },
    CreatedAt: { header: "CREATED AT", make: ({ CreatedAt }) => formatGoTime(CreatedAt) },
    CreatedSince: { header: "CREATED", make: ({ CreatedAt }) => since(CreatedAt) },
    Description: { header: "DESCRIPTION", make: ({ Description = "" }) => Description },
    ID: {
      header: "CACHE ID",
      make: ({ ID, InUse }) => `${cut ? shortId(ID) : ID}${InUse ? "*" : ""}`,
    },
    InUse: { header: "IN USE", make: ({ InUse }) => String(InUse === true) },
    LastUsedAt: {
      header: "LAST USED AT",
      make: ({ LastUsedAt }) => (LastUsedAt ? formatGoTime(LastUsedAt) : ""),
    },
    LastUsedSince: { header: "LAST USED", make: ({ LastUsedAt }) => since(LastUsedAt) },
    Parent: {
      header: "PARENT",
      make: ({ Parents }) => (cut ? shortId((Parents ?? []).join(", ")) : (Parents ?? []).join(", ")),
    },
    Shared: { header: "SHARED", make: ({ Shared }) => String(Shared === true) },
    Size: { header: "SIZE", make: ({ Size }) => formatBytes(Size) },
    UsageCount: { header: "USAGE", make: ({ UsageCount }) => String(UsageCount ?? 0) },
  },
  raw: `build_cache_id: {{.ID}}
parent_id: {{.Parent}}
build_cache_type: {{.CacheType}}
description: {{.Description}}
created_at: {{.CreatedAt}}
created_since: {{.CreatedSince}}
last_used_at: {{.LastUsedAt}}
last_used_since: {{.LastUsedSince}}
usage_count: {{.UsageCount}}
in_use: {{.InUse}}
shared: {{.Shared}}
`,
});
