import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { notFound } from "../base/errors.ts";
import { Channel } from "./channel.ts";
import { buildClassic } from "./classic/build.ts";
import type { BuildLine, BuildRequest } from "./classic/request.ts";
import { CacheMounts, openBuildCache, openWorkspace } from "./execute/index.ts";
import { buildOwn } from "./own/build.ts";
import type { OwnBuildLine, OwnBuildRequest } from "./own/request.ts";
import type { BuilderParts } from "./ports.ts";
import {
  type CacheEntry,
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

/** Makes the builder; what an earlier process left in its folder is deleted. */
export function createBuilder(parts: BuilderParts): Builder {
  const builds = join(parts.root, "builds");
  rmSync(builds, { recursive: true, force: true });
  mkdirSync(builds, { recursive: true, mode: 0o700 });
  const cache = openBuildCache(parts.database);
  const cacheMounts = new CacheMounts(parts.root, parts.database);
  const workshop: Workshop = { parts, builds, cache, cacheMounts };
  const kept = { cache, mounts: cacheMounts, images: parts.images };
  return {
    build: (request, signal) =>
      streamed((write, stop) => buildClassic(workshop, request, stop, write), signal),
    buildOwn: (request, signal) =>
      streamed((write, stop) => buildOwn(workshop, request, stop, write), signal),
    files: (image, signal) => imageFiles(parts, image, signal),
    cacheEntries: () => cacheEntries(kept),
    prune: ({ filters, ...options }) => pruneCache(kept, { ...options, wants: entryFilter(filters) }),
  };
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
