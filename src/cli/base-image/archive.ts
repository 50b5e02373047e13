import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";

/** The one layer of a base image: an uncompressed tar. */
export interface Layer {
  /** "sha256:..." of the tar. */
  readonly diffId: string;
  readonly size: number;
  readonly open: () => Readable;
}

export interface BaseImage {
  /** The name it is loaded under: "busybox:latest". */
  readonly reference: string;
  /** RFC 3339; the same for the same content, or the image would be another one each time it is made. */
  readonly created: string;
  /** Docker's name of the processor: "amd64", "arm64". */
  readonly architecture: string;
  readonly command: readonly string[];
  /** What the history shows as having made it. */
  readonly createdBy: string;
  readonly layer: Layer;
}

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The image configuration document (OCI image-spec, config.md). */
export function configOf(image: BaseImage): string {
  return JSON.stringify({
    architecture: image.architecture,
    config: { Cmd: image.command, Env: [PATH] },
    created: image.created,
    history: [
      { created: image.created, created_by: image.createdBy },
      { created: image.created, created_by: `CMD ${JSON.stringify(image.command)}`, empty_layer: true },
    ],
    os: "linux",
    rootfs: { type: "layers", diff_ids: [image.layer.diffId] },
  });
}

/** "sha256:..." under which the engine will know the image. */
export const imageIdOf = (image: BaseImage): string => sha256(configOf(image));

export const sha256 = (bytes: string | Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** The image as `docker save` would write it, for `POST /images/load` of any engine. */
export function dockerArchive(image: BaseImage): Readable {
  const archive = pack();
  fill(archive, image).catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return archive as unknown as Readable;
}

async function fill(archive: Pack, image: BaseImage): Promise<void> {
  const mtime = new Date(image.created);
  const config = configOf(image);
  const configName = `${sha256(config).slice("sha256:".length)}.json`;
  const layerName = `${image.layer.diffId.slice("sha256:".length)}/layer.tar`;
  const manifest = [{ Config: configName, RepoTags: [image.reference], Layers: [layerName] }];
  archive.entry({ name: configName, mtime }, config);
  const entry = archive.entry({ name: layerName, size: image.layer.size, mtime });
  await pipeline(image.layer.open(), entry);
  archive.entry({ name: "manifest.json", mtime }, JSON.stringify(manifest));
  archive.finalize();
  await finished(archive as unknown as Readable);
}

/** Docker's name of this machine's processor. */
export function architecture(): string {
  return { x64: "amd64", ia32: "386" }[process.arch as string] ?? process.arch;
}
