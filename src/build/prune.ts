import { invalidParameter } from "../base/errors.ts";
import type { Digest } from "../oci/index.ts";
import type { BuildCache, CachedImage, CacheMounts, KeptContexts } from "./execute/index.ts";
import type { BuildImages } from "./ports.ts";

/** One thing the build cache keeps. Times are milliseconds since the epoch, sizes bytes. */
export interface CacheEntry {
  readonly id: string;
  readonly parents: readonly string[];
  readonly type: "regular" | "exec.cachemount" | "source.local";
  readonly description: string;
  readonly inUse: boolean;
  /** An image keeps it anyway. */
  readonly shared: boolean;
  readonly size: number;
  readonly created: number;
  readonly used: number;
  readonly uses: number;
}

export interface PruneOptions {
  /** Also what images keep: they stay, but their steps are run anew. */
  readonly all: boolean;
  /** Bytes that may stay; the longest unused goes first. */
  readonly keep: number;
  /** Only what was not used since then: milliseconds since the epoch. */
  readonly before?: number;
  readonly wants: (entry: CacheEntry) => boolean;
}

export interface Pruned {
  readonly deleted: readonly string[];
  /** Bytes. */
  readonly reclaimed: number;
}

export interface CacheParts {
  readonly cache: BuildCache;
  readonly mounts: CacheMounts;
  readonly contexts: KeptContexts;
  readonly images: BuildImages;
}

/** Everything in the cache, the longest unused first. */
export async function cacheEntries({
  cache,
  mounts,
  contexts,
  images,
}: CacheParts): Promise<readonly CacheEntry[]> {
  const kept = keptImages(images, cache.images());
  const steps = cache.images().map((cached): CacheEntry => {
    const parent = images.get(cached.image)?.parent;
    const { image, title, size, created, used, uses } = cached;
    return {
      id: image,
      parents: parent ? [parent] : [],
      type: "regular",
      description: title,
      inUse: false,
      shared: kept.has(image),
      size,
      created,
      used,
      uses,
    };
  });
  const folders = (await mounts.records()).map(({ name, id, ...rest }): CacheEntry => {
    const description = `cached mount ${id}`;
    return { id: name, parents: [], type: "exec.cachemount", description, shared: false, ...rest };
  });
  const sent = (await contexts.records()).map(({ name, ...rest }): CacheEntry => {
    const description = `context sent from ${name}`;
    return { parents: [], type: "source.local", description, shared: false, ...rest };
  });
  return [...steps, ...folders, ...sent].sort((a, b) => a.used - b.used);
}

/** Images with a name, results of builds, and all they stand on. */
function keptImages(images: BuildImages, cached: readonly CachedImage[]): ReadonlySet<Digest> {
  const results = new Set(cached.filter(({ isResult }) => isResult).map(({ image }) => image));
  const kept = new Set<Digest>();
  for (const { id, isNamed } of images.list()) {
    if (!isNamed && !results.has(id)) continue;
    for (let at: Digest | undefined = id; at && !kept.has(at); at = images.get(at)?.parent) kept.add(at);
  }
  return kept;
}

/** Removes what nobody needs any more from the cache; images with a name and results of builds always stay. */
export async function pruneCache(parts: CacheParts, options: PruneOptions): Promise<Pruned> {
  const entries = await cacheEntries(parts);
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  const deleted: string[] = [];
  let reclaimed = 0;
  // Children before their parents: what was made last goes first among those equally long unused.
  for (const entry of byDepth(entries, parts.images)) {
    if (options.keep > 0 && total <= options.keep) break;
    if (entry.inUse || (entry.shared && !options.all)) continue;
    if (options.before !== undefined && entry.used >= options.before) continue;
    if (!options.wants(entry)) continue;
    if (!(await removeEntry(parts, entry))) continue;
    deleted.push(entry.id);
    total -= entry.size;
    if (!entry.shared) reclaimed += entry.size;
  }
  return { deleted, reclaimed };
}

function byDepth(entries: readonly CacheEntry[], images: BuildImages): readonly CacheEntry[] {
  const depth = ({ id }: CacheEntry): number => {
    let count = 0;
    for (let at = images.get(id as Digest)?.parent; at; at = images.get(at)?.parent) count++;
    return count;
  };
  const depths = new Map(entries.map((entry) => [entry, depth(entry)]));
  return entries.toSorted((a, b) => (depths.get(b) ?? 0) - (depths.get(a) ?? 0));
}

async function removeEntry(
  { cache, mounts, contexts, images }: CacheParts,
  entry: CacheEntry,
): Promise<boolean> {
  if (entry.type === "exec.cachemount") return mounts.remove(entry.id);
  if (entry.type === "source.local") return contexts.remove(entry.id);
  const id = entry.id as Digest;
  if (!entry.shared && images.get(id) && !(await images.remove(id))) return false;
  cache.forget(id);
  return true;
}

const FILTERS = ["until", "unused-for", "id", "parents", "type", "description", "inuse", "shared", "private"];

/** What the filters of `builder prune` want, but for times. Throws invalidParameter for those that do not exist. */
export function entryFilter(filters: ReadonlyMap<string, readonly string[]>): PruneOptions["wants"] {
  const unknown = [...filters.keys()].find((name) => !FILTERS.includes(name));
  if (unknown !== undefined) throw invalidParameter(`invalid filter '${unknown}'`);
  const fits = (name: string, test: (wanted: string) => boolean): boolean =>
    filters.get(name)?.some(test) ?? true;
  return (entry) =>
    fits("id", (wanted) => entry.id.replace("sha256:", "").startsWith(wanted.replace("sha256:", ""))) &&
    fits("parents", (wanted) => entry.parents.some((parent) => parent.includes(wanted))) &&
    fits("type", (wanted) => entry.type === wanted) &&
    fits("description", (wanted) => entry.description.includes(wanted)) &&
    fits("inuse", (wanted) => String(entry.inUse) === wanted) &&
    fits("shared", (wanted) => String(entry.shared) === wanted) &&
    fits("private", (wanted) => String(!entry.shared) === wanted);
}
