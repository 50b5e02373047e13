import { constants, fstatSync, readSync, type Stats } from "node:fs";
import { EngineError, errnoOf, messageOf } from "../../../base/errors.ts";
import type { TarEntry } from "../../../base/tar/entry.ts";
import type { TarSink } from "../../../base/tar/reader.ts";
import type { Files } from "../../../kernel/index.ts";
import type { JobContext, LayerFinding, VerifyJob } from "../worker/jobs.ts";
import { markerOf, parseEntryPath } from "./entry-path.ts";
import { readLayer } from "./read-layer.ts";

const PATH_ONLY = 0o10000000; // O_PATH, which node:fs does not export

/** Compares a layer's blob with its digests, and the layer's folder with what is in the blob. */
export async function verify(job: VerifyJob, files: Files, context: JobContext): Promise<LayerFinding> {
  const comparer = new LayerComparer(files, job.folder);
  try {
    const { digest, diffId } = await readLayer(job.blob, job.limits, comparer, context);
    if (digest !== job.blobDigest) return { part: "content", detail: `found ${digest}` };
    if (diffId !== job.diffId) return { part: "content", detail: `its archive is ${diffId}` };
    const [wrong] = comparer.wrong();
    return wrong === undefined ? {} : { part: "files", detail: wrong };
  } catch (error) {
    if (error instanceof EngineError && error.kind === "cancelled") throw error;
    return { part: "content", detail: messageOf(error) };
  } finally {
    comparer.close();
  }
}

/** Looks for each member of an archive in a folder. A later member of the same name has the last word. */
class LayerComparer implements TarSink {
  readonly #files: Files;
  readonly #root: number;
  readonly #wrong = new Map<string, string>();
  readonly #buffer = Buffer.alloc(256 * 1024);
  #file: { readonly fd: number; readonly path: string; isSame: boolean } | undefined;

  constructor(files: Files, root: string) {
    this.#files = files;
    this.#root = files.openRoot(root);
  }

  /** What differs, in words. */
  wrong(): readonly string[] {
    return [...this.#wrong.values()];
  }

  close(): void {
    this.end();
    this.#files.close(this.#root);
  }

  entry(entry: TarEntry): void {
    const { parents, name } = parseEntryPath(entry.name);
    if (name === undefined || markerOf(name)) return;
    const path = [...parents, name].join("/");
    this.#wrong.delete(path);
    const fd = this.#open(path, PATH_ONLY | constants.O_NOFOLLOW);
    if (fd === undefined) {
      this.#wrong.set(path, `"${path}" is missing`);
      return;
    }
    try {
      if (!isAlike(entry, fstatSync(fd))) this.#wrong.set(path, `"${path}" is not what the layer says`);
    } finally {
      this.#files.close(fd);
    }
    if (entry.type !== "file" || this.#wrong.has(path)) return;
    const content = this.#open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    if (content !== undefined) this.#file = { fd: content, path, isSame: true };
  }

  data(chunk: Uint8Array, position: number): void {
    const file = this.#file;
    for (let at = 0; file?.isSame && at < chunk.length; ) {
      const wanted = Math.min(this.#buffer.length, chunk.length - at);
      const count = readSync(file.fd, this.#buffer, 0, wanted, position + at);
      file.isSame = count > 0 && this.#buffer.compare(chunk, at, at + count, 0, count) === 0;
      at += count;
    }
  }

  end(): void {
    const file = this.#file;
    this.#file = undefined;
    if (!file) return;
    this.#files.close(file.fd);
    if (!file.isSame) this.#wrong.set(file.path, `"${file.path}" has other content`);
  }

  #open(path: string, flags: number): number | undefined {
    try {
      return this.#files.openIn(this.#root, path, flags);
    } catch (error) {
      const code = errnoOf(error);
      if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
      throw error;
    }
  }
}

function isAlike(entry: TarEntry, stat: Stats): boolean {
  switch (entry.type) {
    case "file":
      return stat.isFile() && stat.size === entry.size;
    case "directory":
      return stat.isDirectory();
    case "symlink":
      return stat.isSymbolicLink();
    case "link":
      return true;
    case "fifo":
      return stat.isFIFO();
    case "char":
      return stat.isCharacterDevice();
    case "block":
      return stat.isBlockDevice();
  }
}
