import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { invalidParameter, messageOf } from "../../base/errors.ts";
import { MemoryTree } from "../context/index.ts";

/** Fetches a URL. Throws invalidParameter when it cannot be had. */
export async function fetchUrl(url: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal, redirect: "follow" });
  } catch (cause) {
    signal.throwIfAborted();
    const reason = cause instanceof Error && cause.cause ? messageOf(cause.cause) : messageOf(cause);
    throw invalidParameter(`cannot fetch ${url}: ${reason}`, cause);
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw invalidParameter(`failed to GET ${url} with status ${response.status} ${response.statusText}`);
}

/** The name a file fetched by ADD gets in a folder. Throws invalidParameter when the URL has none. */
export function nameOfUrl(url: string): string {
  const name = URL.canParse(url) ? decodeName(basename(new URL(url).pathname)) : "";
  if (name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name)) return name;
  throw invalidParameter(`cannot determine filename for source ${url}: name the file in the destination`);
}

/** "" for names whose escapes stand for nothing. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return "";
  }
}

/** Downloads a URL as a tree of one file, mode 0600 as ADD gives it. Checks `checksum` ("sha256:<hex>") if given. */
export async function downloadTree(
  url: string,
  options: {
    readonly folder: string;
    readonly name: string;
    readonly checksum?: string;
    readonly signal: AbortSignal;
  },
): Promise<MemoryTree> {
  const { folder, name, checksum, signal } = options;
  const response = await fetchUrl(url, signal);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "download");
  const hash = createHash("sha256");
  let size = 0;
  async function* counted(source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  await pipeline(Readable.from(response.body ?? []), counted, createWriteStream(path, { mode: 0o600 }), {
    signal,
  });
  const digest = `sha256:${hash.digest("hex")}`;
  if (checksum !== undefined && checksum !== digest) {
    throw invalidParameter(`digest mismatch ${digest}: ${checksum} of ${url}`);
  }
  const modified = Date.parse(response.headers.get("last-modified") ?? "");
  const tree = new MemoryTree();
  const seconds = Number.isNaN(modified) ? 0 : Math.floor(modified / 1000);
  const common = { mode: 0o600, uid: 0, gid: 0, mtime: { seconds, nanoseconds: 0 }, xattrs: new Map() };
  tree.add(name, { type: "file", size, ...common }, { path, close: () => undefined });
  return tree;
}
