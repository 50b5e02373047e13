import { mkdirSync, renameSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { runAll } from "../base/async.ts";
import { errnoOf, notFound } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import { Channel } from "./channel.ts";
import { buildClassic } from "./classic/build.ts";
import type { BuildLine, BuildRequest } from "./classic/request.ts";
import {
  abandoned,
  CacheMounts,
  KeptContexts,
  openBuildCache,
  openWorkspace,
  type TrackedParts,
  trackedLayers,
} from "./execute/index.ts";
import { buildOwn } from "./own/build.ts";
import type { OwnBuildLine, OwnBuildRequest } from "./own/request.ts";
import type { BuilderParts } from "./ports.ts";
import {
  type CacheEntry,
  type CacheParts,
  cacheEntries,
  entryFilter,
  type Pruned,
  type PruneOptions,
  pruneCache,
} from "./prune.ts";
import type { Workshop } from "./workshop.ts";

export interface PruneRequest extends Omit<PruneOptions, "wants"> {
  /** Of `builder prune`. Throws invalidParameter for unknown ones. */
  readonly filters: ReadonlyMap<string, readonly string[]>;
}

export interface Builder {
  /** Settled when nothing of an earlier process is left. */
  readonly recovered: Promise<void>;
  /**
   * `POST /build`: builds and yields the lines of the classic stream. Throws EngineErrors: bad input with the lines
   * concerned, CommandFailed with the exit code. Ending the iteration early cancels the build, and waits until it is
   * undone.
   */
  build(request: BuildRequest, signal: AbortSignal): AsyncIterable<BuildLine>;
  /** The same for Wharf's own clients: structured events, and everything the classic API cannot say. */
  buildOwn(request: OwnBuildRequest, signal: AbortSignal): AsyncIterable<OwnBuildLine>;
  /** All files of an image as a tar: what `--output type=local` and `type=tar` are made from. Throws notFound. */
  files(image: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** What the cache keeps, the longest unused first. */
  cacheEntries(): Promise<readonly CacheEntry[]>;
  prune(options: PruneRequest): Promise<Pruned>;
}

/** Makes the builder. What an earlier process left is deleted: its folders later, as `recovered` tells. */
export function createBuilder(given: BuilderParts): Builder {
  const cache = openBuildCache(given.database);
  const parts = { ...given, layers: trackedLayers(given.layers, given.database) };
  const recovered = recover(parts);
  const builds = join(parts.root, "builds");
  mkdirSync(builds, { recursive: true, mode: 0o700 });
  const cacheMounts = new CacheMounts(parts.root, parts.database, parts.layers);
  const contexts = new KeptContexts(parts.root, parts.database);
  const workshop: Workshop = { parts, builds, cache, cacheMounts, contexts };
  const kept = { cache, mounts: cacheMounts, contexts, images: parts.images };
  const limit = cacheLimiter(kept, parts.cacheLimit);
  return {
    recovered,
    build: (request, signal) =>
      streamed((write, stop) => buildClassic(workshop, request, stop, write).finally(limit), signal),
    buildOwn: (request, signal) =>
      streamed((write, stop) => buildOwn(workshop, request, stop, write).finally(limit), signal),
    files: (image, signal) => imageFiles(parts, image, signal),
    cacheEntries: () => cacheEntries(kept),
    async prune({ filters, ...options }) {
      const pruned = await pruneCache(kept, { ...options, wants: entryFilter(filters) });
      parts.announcePrune(pruned.reclaimed);
      return pruned;
    },
  };
}

/** How often the cache is held against its limit, at most: going through its folders costs time. Milliseconds. */
const LIMIT_EVERY = 10 * 60_000;

/** After a build now and then, without keeping its client waiting: the longest unused goes when there is too much. */
function cacheLimiter(parts: CacheParts, keep: number): () => void {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    if (keep === 0 || performance.now() - last < LIMIT_EVERY) return;
    last = performance.now();
    // What cannot be removed now is tried again with a later build.
    pruneCache(parts, { all: false, keep, wants: () => true }).catch(() => undefined);
  };
}

/** Takes away the snapshots and contexts of builds that were killed. */
async function recover({ root, database, layers, containers }: TrackedParts): Promise<void> {
  // Now: what is prepared while this waits belongs to builds of this process.
  const snapshots = abandoned(database);
  const old = join(root, `old-${newId().slice(0, 12)}`);
  try {
    // Out of the way at once; deleting may take its time.
    renameSync(join(root, "builds"), old);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  const names = await readdir(root).catch(() => []);
  const folders = names.filter((name) => name.startsWith("old-")).map((name) => join(root, name));
  await runAll("what killed builds left cannot be removed", [
    ...snapshots.map((id) => () => (containers.has(id) ? layers.forget(id) : layers.remove(id))),
    ...folders.map((folder) => async () => layers.discard(folder)),
  ]);
}

async function* imageFiles(
  { images, layers }: BuilderParts,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const image = images.find(name);
  if (!image) throw notFound(`No such image: ${name}`);
  await using work = await openWorkspace(layers, image.chainId);
  yield* layers.export(work.id, signal);
}

type Work<T> = (write: (line: T) => void | Promise<void>, signal: AbortSignal) => Promise<void>;

/** Work that writes lines as something to iterate over: whoever stops reading stops the work. */
async function* streamed<T>(work: Work<T>, signal: AbortSignal): AsyncGenerator<T> {
  const stop = new AbortController();
  const channel = new Channel<T>();
  const both = AbortSignal.any([signal, stop.signal]);
  const working = work((line) => channel.push(line), both).finally(() => channel.end());
  // Whoever reads the lines gets the failure after the last of them; until then nobody waits for it.
  working.catch(() => undefined);
  try {
    yield* channel.read();
  } finally {
    stop.abort();
    channel.end();
    await working.catch(() => undefined);
  }
  await working;
}
