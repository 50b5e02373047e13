import type { BuildCacheRecord } from "../../schema/system.ts";
import type { CacheEntry } from "../ports.ts";

/** A moment Docker prints without needless digits. */
const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();

export const encodeCacheEntry = (entry: CacheEntry): BuildCacheRecord => ({
  ID: entry.id,
  ...(entry.parents.length > 0 ? { Parents: entry.parents } : {}),
  Type: entry.type,
  Description: entry.description,
  InUse: entry.inUse,
  Shared: entry.shared,
  Size: entry.size,
  CreatedAt: instant(entry.created),
  LastUsedAt: instant(entry.used),
  UsageCount: entry.uses,
});
