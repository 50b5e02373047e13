import { createReadStream, createWriteStream } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ApiError, type Client } from "../../api/client/index.ts";
import type { CachePlace } from "./outputs.ts";

/** An image is its own cache: its history says what made each layer. This file holds one in a cache folder. */
const FILE = "cache.tar";
/** The name a cache folder's image has in its file. */
const NAME = "wharf-build-cache:latest";

export interface CacheParts {
  readonly client: Client;
  /** Headers with the password of an image's registry. */
  readonly authFor: (reference: string) => Promise<Readonly<Record<string, string>>>;
  /** Takes a line about a cache that is not used. */
  readonly warn: (text: string) => void;
}

/** Brings caches to the engine and returns what to name as `cacheFrom`. Those that are not there are left out. */
export async function loadCaches(
  parts: CacheParts,
  places: readonly CachePlace[],
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const place of places) {
    if (place.type === "inline") names.push(place.ref);
    else if (place.type === "registry") names.push(await pullCache(parts, place.ref));
    else names.push(...(await loadFolder(parts.client, join(place.folder, FILE))));
  }
  return names;
}

/** A cache that cannot be fetched is none: the build goes on without. */
async function pullCache({ client, authFor, warn }: CacheParts, ref: string): Promise<string> {
  const without = (why: string) => warn(`the cache ${ref} is not used: ${why}`);
  try {
    const { repo, tag } = splitTag(ref);
    const headers = await authFor(ref);
    for await (const line of await client.lines("ImageCreate", { fromImage: repo, tag }, { headers }))
      if (line.error) without(line.error);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    without(error.message);
  }
  return ref;
}

async function loadFolder(client: Client, file: string): Promise<readonly string[]> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return [NAME];
  for await (const line of await client.lines("ImageLoad", { quiet: true, body: createReadStream(file) })) {
    if (line.error) throw new Error(`the cache in ${file} cannot be read: ${line.error}`);
  }
  return [NAME];
}

/** Keeps a result where `--cache-to` says. */
export async function saveCache(
  client: Client,
  place: CachePlace,
  id: string,
  push: (reference: string) => Promise<void>,
): Promise<void> {
  if (place.type === "inline") return;
  if (place.type === "registry") {
    const { repo, tag } = splitTag(place.ref);
    await client.call("ImageTag", { name: id, repo, tag });
    return push(place.ref);
  }
  await mkdir(place.folder, { recursive: true });
  const { repo, tag } = splitTag(NAME);
  await client.call("ImageTag", { name: id, repo, tag });
  await pipeline(
    await client.stream("ImageGet", { name: NAME }),
    createWriteStream(join(place.folder, FILE)),
  );
}

function splitTag(reference: string): { readonly repo: string; readonly tag: string } {
  const colon = reference.lastIndexOf(":");
  return colon > reference.lastIndexOf("/")
    ? { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
    : { repo: reference, tag: "latest" };
}
