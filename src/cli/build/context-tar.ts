import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Readable } from "node:stream";
import { type Pack, pack } from "tar-stream";

/** A folder as the tar that `POST /build` takes: files and folders by sorted name, owned by root. */
export function contextTar(folder: string): Readable {
  const archive = pack();
  fill(archive, folder).catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return archive as unknown as Readable;
}

async function fill(archive: Pack, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.sort()) {
    const { mode, mtime } = await stat(path);
    archive.entry({ name: relative(folder, path), mode: mode & 0o777, mtime }, await readFile(path));
  }
  archive.finalize();
}
