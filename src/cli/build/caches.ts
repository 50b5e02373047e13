import { createReadStream, createWriteStream } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ApiError, type Client } from "../../api/client/index.ts";
import type { CachePlace } from "./outputs.ts";

/** An image is its own cache: its history says what made each layer. This file holds those of a cache folder. */
const FILE = "cache.tar";

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
    else if (place.type === "registry") names.push(...(await pullCaches(parts, place.ref)));
    else names.push(...(await loadFolder(parts, join(place.folder, FILE))));
  }
  return names;
}

/** Where the steps of a further stage are kept beside those of the result. */
const stageRef = (ref: string, index: number): string => {
  const { repo, tag } = splitTag(ref);
  return `${repo}:${tag}-stage-${index}`;
};

/** The result's image and those of stages beside it, as many as there are. */
async function pullCaches(parts: CacheParts, ref: string): Promise<readonly string[]> {
  const problem = await pullCache(parts, ref);
  if (problem !== undefined) {
    parts.warn(`the cache ${ref} is not used: ${problem}`);
    // What the engine has of that name counts all the same.
    return [ref];
  }
  const refs = [ref];
  for (let index = 0; ; index++) {
    const next = stageRef(ref, index);
    if ((await pullCache(parts, next)) !== undefined) return refs;
    refs.push(next);
  }
}

/** A cache that cannot be fetched is none: the build goes on without. Gives back why. */
async function pullCache({ client, authFor }: CacheParts, ref: string): Promise<string | undefined> {
  try {
    const { repo, tag } = splitTag(ref);
    const headers = await authFor(ref);
    let problem: string | undefined;
    for await (const line of await client.lines("ImageCreate", { fromImage: repo, tag }, { headers }))
      problem ??= line.error;
    return problem;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.message;
  }
}

async function loadFolder({ client, warn }: CacheParts, file: string): Promise<readonly string[]> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  const names: string[] = [];
  if (!isThere) {
    warn(`the cache in ${file} is not used: there is none`);
    return [];
  }
  for await (const line of await client.lines("ImageLoad", { quiet: true, body: createReadStream(file) })) {
    if (line.error) throw new Error(`the cache in ${file} cannot be read: ${line.error}`);
    const [, name] = /^Loaded image(?: ID)?: (.+)$/.exec(line.stream?.trim() ?? "") ?? [];
    if (name !== undefined) names.push(name);
  }
  return names;
}

/** Keeps a result where `--cache-to` says. */
export async function saveCache(
  client: Client,
  place: CachePlace,
  { id, stages }: { readonly id: string; readonly stages: readonly string[] },
  push: (reference: string) => Promise<void>,
): Promise<void> {
  if (place.type === "inline") return;
  const further = place.all ? stages : [];
  if (place.type === "local") {
    await mkdir(place.folder, { recursive: true });
    const archive = await client.stream("ImageGetAll", { names: [id, ...further] });
    return pipeline(archive, createWriteStream(join(place.folder, FILE)));
  }
  for (const [name, image] of [
    [place.ref, id] as const,
    ...further.map((stage, index) => [stageRef(place.ref, index), stage] as const),
  ]) {
    const { repo, tag } = splitTag(name);
    await client.call("ImageTag", { name: image, repo, tag });
    await push(name);
  }
}

function splitTag(reference: string): { readonly repo: string; readonly tag: string } {
  const colon = reference.lastIndexOf(":");
  return colon > reference.lastIndexOf("/")
    ? { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
    : { repo: reference, tag: "latest" };
}
