import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import { errnoOf } from "../../base/errors.ts";
import { decode, encode, type ImageManifest } from "./document.ts";
import type { FullName } from "./name.ts";

/**
 * Lists of manifests on this machine, in docker's own layout: beside config.json a folder for each list, in it a file
 * for each manifest. `folder`: that of config.json.
 */
export class ManifestStore {
  readonly #root: string;

  constructor(folder: string) {
    this.#root = join(folder, "manifests");
  }

  /** A manifest of a list, or undefined. */
  get(list: FullName, { text }: FullName): ImageManifest | undefined {
    return this.#read(join(this.#folder(list), fileName(text)));
  }

  /** All manifests of a list in the order of their files; undefined when there is no such list. */
  all(list: FullName): readonly ImageManifest[] | undefined {
    const folder = this.#folder(list);
    const names = unlessMissing(() => readdirSync(folder));
    return names?.sort().flatMap((name) => this.#read(join(folder, name)) ?? []);
  }

  async save(list: FullName, { text }: FullName, manifest: ImageManifest): Promise<void> {
    const folder = this.#folder(list);
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    await writeFileAtomic(join(folder, fileName(text)), encode(manifest));
  }

  remove(list: FullName): void {
    rmSync(this.#folder(list), { recursive: true, force: true });
  }

  #folder({ text }: FullName): string {
    return join(this.#root, fileName(text));
  }

  #read(path: string): ImageManifest | undefined {
    const content = unlessMissing(() => readFileSync(path, "utf8"));
    return content === undefined ? undefined : decode(content, path);
  }
}

const fileName = (reference: string): string => reference.replaceAll(":", "-").replaceAll("/", "_");

function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
