import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Files } from "../../kernel/index.ts";

/** What a folder below `overlay2` is called, and its short name in `overlay2/l`. */
export interface FolderName {
  readonly folder: string;
  readonly link: string;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/** With 26 characters as in Docker, 127 of `l/<link>:` and the rest of the options fit into mount(2)'s one page. */
const LINK_LENGTH = 26;

/** By this empty file programs tell that they run in a container, as in Docker's. */
export const DOCKERENV = ".dockerenv";

export const newFolder = (): string => randomBytes(32).toString("hex");

export const newFolderName = (): FolderName => ({
  folder: newFolder(),
  link: [...randomBytes(LINK_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join(""),
});

/**
 * The folders of the union filesystem, as Docker's overlay2 lays them:
 * `overlay2/<folder>/{diff,link,lower}`, for writable ones also `work` and `merged`, and `overlay2/l/<link>`.
 */
export class LayerFolders {
  readonly root: string;
  readonly #files: Pick<Files, "scatter">;
  #isScattered = false;

  constructor(dataRoot: string, files: Pick<Files, "scatter">) {
    this.root = join(dataRoot, "overlay2");
    this.#files = files;
  }

  make(): void {
    mkdirSync(join(this.root, "l"), { recursive: true, mode: 0o710 });
    if (this.#isScattered) return;
    this.#files.scatter(this.root);
    this.#isScattered = true;
  }

  folder(folder: string): string {
    return join(this.root, folder);
  }

  diff(folder: string): string {
    return join(this.root, folder, "diff");
  }

  links(): string {
    return join(this.root, "l");
  }

  /** Makes the folder of a read-only layer, still empty, and its short name. */
  createLayer({ folder, link }: FolderName): void {
    this.#create(folder, []);
    writeFileSync(join(this.folder(folder), "link"), link);
    symlinkSync(`../${folder}/diff`, join(this.links(), link));
  }

  /** Writes down what a layer stands on, topmost first. */
  stackOn({ folder }: Pick<FolderName, "folder">, lowers: readonly FolderName[]): void {
    if (lowers.length > 0)
      writeFileSync(join(this.folder(folder), "lower"), lowers.map(({ link }) => `l/${link}`).join(":"));
  }

  /**
   * Makes the folders of a writable layer. `isView`: it will only be read, and is mounted without a place to write to.
   * `limit` is called with its folder while that is empty: a quota holds for what is made in it afterwards.
   */
  createSnapshot(
    folder: string,
    lowers: readonly FolderName[],
    { isView, limit }: { readonly isView: boolean; readonly limit?: ((folder: string) => void) | undefined },
  ): void {
    this.#create(folder, lowers, limit);
    this.stackOn({ folder }, lowers);
    const path = this.folder(folder);
    mkdirSync(join(path, "merged"), { mode: 0o700 });
    if (isView) return;
    mkdirSync(join(path, "work"), { mode: 0o700 });
    if (!lowers.some((lower) => existsSync(join(this.diff(lower.folder), DOCKERENV))))
      writeFileSync(join(this.diff(folder), DOCKERENV), "", { mode: 0o755 });
    // overlayfs wants a lower folder even where there is nothing below.
    if (lowers.length === 0) mkdirSync(join(path, "empty"), { mode: 0o755 });
  }

  /** `diff` gets the owner and mode of the root below: in an overlay the topmost layer's root is the one seen. */
  #create(folder: string, lowers: readonly FolderName[], limit?: (folder: string) => void): void {
    const path = this.folder(folder);
    mkdirSync(path, { mode: 0o710 });
    limit?.(path);
    const diff = join(path, "diff");
    mkdirSync(diff, { mode: 0o755 });
    const below = lowers[0];
    const { mode, uid, gid } = below ? statSync(this.diff(below.folder)) : { mode: 0o755, uid: 0, gid: 0 };
    chownSync(diff, uid, gid);
    chmodSync(diff, mode & 0o7777);
  }

  /** Removes the short name; fine when it is gone. */
  unlink(link: string): void {
    rmSync(join(this.links(), link), { force: true });
  }
}
