import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { END_OF_ARCHIVE, encodeEntry, paddingAfter } from "../src/base/tar/writer.ts";

export interface BenchLayer {
  readonly blob: Buffer;
  readonly diffId: string;
}

export const sha256 = (bytes: Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

const WORDS =
  "the quick brown fox const return function import export await number 0x1f false { } ; // ( )".split(" ");

/** Text that compresses about as well as programs and libraries do; the same for the same seed. */
function filler(seed: number, size: number): Buffer {
  const buffer = Buffer.alloc(size);
  let state = seed * 2654435761 + 1;
  let at = 0;
  while (at < size) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const word = state % 3 === 0 ? state.toString(36) : (WORDS[state % WORDS.length] ?? "");
    at += buffer.write(`${word} `, at);
  }
  return buffer;
}

const entry = (name: string, type: "file" | "directory", size: number) =>
  encodeEntry({
    type,
    name,
    linkName: "",
    size,
    mode: type === "file" ? 0o644 : 0o755,
    uid: 0,
    gid: 0,
    mtime: { seconds: 1_700_000_000, nanoseconds: 0 },
    major: 0,
    minor: 0,
    xattrs: new Map(),
  });

/** One gzip layer of `files` files, `bytes` in all, fifty to a folder. */
export function makeLayer(index: number, files: number, bytes: number): BenchLayer {
  const size = Math.floor(bytes / files);
  const source = filler(index + 1, 4 * 2 ** 20);
  const parts: Uint8Array[] = [];
  for (let file = 0; file < files; file++) {
    const folder = `layer${index}/d${Math.floor(file / 50)}/`;
    if (file % 50 === 0) parts.push(entry(folder, "directory", 0));
    const from = (file * 7919) % (source.length - size);
    parts.push(
      entry(`${folder}f${file}`, "file", size),
      source.subarray(from, from + size),
      paddingAfter(size),
    );
  }
  const tar = Buffer.concat([...parts, END_OF_ARCHIVE]);
  return { blob: gzipSync(tar), diffId: sha256(tar) };
}

/** A plain tar of files. */
export const archiveOf = (
  members: readonly { readonly name: string; readonly content: Uint8Array }[],
): Buffer =>
  Buffer.concat([
    ...members.flatMap(({ name, content }) => [
      entry(name, "file", content.length),
      content,
      paddingAfter(content.length),
    ]),
    END_OF_ARCHIVE,
  ]);

/** Puts an image into a registry that lets everybody in. Returns its compressed bytes. */
export async function pushImage(host: string, name: string, layers: readonly BenchLayer[]): Promise<number> {
  const rootfs = { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) };
  const config = Buffer.from(
    JSON.stringify({ architecture: "amd64", os: "linux", config: { Cmd: ["sh"] }, rootfs }),
  );
  const base = `http://${host}/v2/${name}`;
  const put = async (blob: Uint8Array) => {
    const started = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
    const address = new URL(started.headers.get("location") ?? "", base);
    address.searchParams.set("digest", sha256(blob));
    const done = await fetch(address, { method: "PUT", body: new Uint8Array(blob) });
    if (done.status !== 201) throw new Error(`the registry does not take a blob: ${done.status}`);
  };
  for (const { blob } of layers) await put(blob);
  await put(config);
  const describe = (kind: string, blob: Uint8Array) => ({
    mediaType: `application/vnd.docker.${kind}`,
    size: blob.length,
    digest: sha256(blob),
  });
  const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: describe("container.image.v1+json", config),
    layers: layers.map(({ blob }) => describe("image.rootfs.diff.tar.gzip", blob)),
  });
  const answer = await fetch(`${base}/manifests/1`, {
    method: "PUT",
    headers: { "Content-Type": mediaType },
    body: manifest,
  });
  if (answer.status !== 201) throw new Error(`the registry does not take the manifest: ${answer.status}`);
  return layers.reduce((sum, { blob }) => sum + blob.length, 0);
}
