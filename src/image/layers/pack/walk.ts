import { type BigIntStats, constants, lstatSync, readdirSync } from "node:fs";
import { isPathLength, refuseLongPath } from "../../../base/entries.ts";
import { errnoOf, systemError } from "../../../base/errors.ts";
import type { Files } from "../../../kernel/index.ts";
import { isOverlayXattr } from "../apply/entry-path.ts";
import { isWhiteout } from "../apply/layer-writer.ts";
import type { LayerSource } from "../worker/jobs.ts";
import { isOpaque, type LowerEntry, lookUp } from "./lower-view.ts";
import { isRuntimeMountpoint } from "./runtime-mountpoints.ts";

/** One difference of a writable layer against what is below it. */
export interface UpperItem {
  /** Absolute, as seen in the container. */
  readonly path: string;
  readonly kind: "added" | "modified" | "deleted";
  /** Undefined for what was deleted. */
  readonly stat: BigIntStats | undefined;
  /** Descriptor of its folder, valid until the walk goes on, and its name there. */
  readonly dir: number;
  readonly name: string;
  /** A folder marked as hiding everything below it. */
  readonly isOpaque: boolean;
  /** Names below a hiding folder that do not exist any more. */
  readonly hidden: readonly string[];
}

const PATH_ONLY = 0o10000000; // O_PATH, which node:fs does not export
const OPEN_FOLDER = PATH_ONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NOT_COMPARED: ReadonlySet<string> = new Set(["security.selinux"]);

export const pathBelow = (dir: number, name: string): string => `/proc/self/fd/${dir}/${name}`;

/** Extended attributes that belong to the file, not to this host's union filesystem or labels. */
export const ownXattrs = (files: Files, path: string): readonly string[] =>
  files
    .listXattrs(path)
    .filter((name) => !isOverlayXattr(name) && !NOT_COMPARED.has(name))
    .sort();

/**
 * The differences in the order of their names, folders before what is in them. A folder whose owner, mode and
 * attributes did not change appears only if something inside did, as in Docker. Every step goes through descriptors:
 * a container that swaps folders for symlinks meanwhile leads nowhere outside its own layer. A folder whose path is too
 * long for Linux is handed to `onLong` and not walked; without that, it is refused.
 */
export function* walkUpper(
  files: Files,
  source: LayerSource,
  onLong?: (folder: string) => void,
): Generator<UpperItem> {
  const root = files.openRoot(source.upper);
  try {
    yield* new Walk(files, source, onLong).folder(root, "", {
      folders: source.lowers,
      isHidden: false,
    });
  } finally {
    files.close(root);
  }
}

/** What a folder stands above: compared with, but not seen through it if hidden. */
interface Below {
  readonly folders: readonly string[];
  readonly isHidden: boolean;
}

class Walk {
  readonly #files: Files;
  readonly #keepsMountpoints: boolean;
  readonly #isWhole: boolean;
  readonly #onLong: ((folder: string) => void) | undefined;
  /** Folders on the way down that are listed once a difference inside is found. */
  #pending: UpperItem[] = [];

  constructor(
    files: Files,
    { keepsMountpoints = false, isWhole = false }: LayerSource,
    onLong: ((folder: string) => void) | undefined,
  ) {
    this.#files = files;
    this.#onLong = onLong;
    this.#keepsMountpoints = keepsMountpoints;
    this.#isWhole = isWhole;
  }

  *folder(dir: number, path: string, below: Below): Generator<UpperItem> {
    for (const name of this.#names(dir, below)) {
      const stat = lstatSync(pathBelow(dir, name), { bigint: true, throwIfNoEntry: false });
      const lower = lookUp(this.#files, below.folders, name);
      const item = { path: `${path}/${name}`, dir, name, stat, isOpaque: false, hidden: [] };
      if (!stat || (!this.#isWhole && isWhiteoutEntry(stat))) {
        if (lower && (stat || this.#isWhole))
          yield* this.#report({ ...item, kind: "deleted", stat: undefined });
      } else if (stat.isDirectory()) {
        yield* this.#subfolder(item, stat, lower, below.isHidden);
      } else if (lower ? !(this.#isWhole && isSame(stat, lower.path)) : this.#isOwn(item.path, stat)) {
        yield* this.#report({ ...item, kind: lower ? "modified" : "added" });
      }
    }
  }

  /** A whole tree says that something was deleted by not having it. */
  #names(dir: number, { folders }: Below): readonly string[] {
    const own = sortedNames(`/proc/self/fd/${dir}`);
    if (!this.#isWhole) return own;
    return [...new Set([...own, ...folders.flatMap(sortedNames)])].sort();
  }

  *#subfolder(
    item: Omit<UpperItem, "kind">,
    stat: BigIntStats,
    lower: LowerEntry | undefined,
    isHidden: boolean,
  ): Generator<UpperItem> {
    if (this.#onLong && !isPathLength(item.path)) {
      this.#onLong(pathBelow(item.dir, item.name));
      return;
    }
    refuseLongPath(item.path, "read the layer's");
    let dir: number;
    try {
      dir = this.#files.openIn(item.dir, item.name, OPEN_FOLDER);
    } catch (error) {
      if (GONE.has(errnoOf(error))) return;
      throw error;
    }
    try {
      const folders = lower?.folders ?? [];
      const opaque =
        !this.#isWhole &&
        !isHidden &&
        folders.length > 0 &&
        isOpaque(this.#files, pathBelow(item.dir, item.name));
      const hides = isHidden || opaque;
      const hidden = hides ? hiddenNames(dir, folders, this.#files) : [];
      const own: UpperItem = { ...item, kind: lower ? "modified" : "added", isOpaque: opaque, hidden };
      if (hides || this.#isChanged(own, stat, lower)) yield* this.#report(own);
      else this.#pending.push(own);
      yield* this.folder(dir, item.path, { folders, isHidden: hides });
      if (this.#pending.at(-1) === own) this.#pending.pop();
    } finally {
      this.#files.close(dir);
    }
  }

  #isChanged(item: UpperItem, stat: BigIntStats, lower: LowerEntry | undefined): boolean {
    if (!lower) return this.#isOwn(item.path, stat);
    const before = lower.stat;
    if (
      Number(stat.mode) !== before.mode ||
      Number(stat.uid) !== before.uid ||
      Number(stat.gid) !== before.gid
    )
      return true;
    return this.#attributes(pathBelow(item.dir, item.name)) !== this.#attributes(lower.path);
  }

  #isOwn(path: string, stat: BigIntStats): boolean {
    return this.#keepsMountpoints || !isRuntimeMountpoint(path, stat);
  }

  #attributes(path: string): string {
    const names = ownXattrs(this.#files, path);
    return names
      .map((name) => `${name}=${Buffer.from(this.#files.getXattr(path, name) ?? []).toString("hex")}`)
      .join();
  }

  *#report(item: UpperItem): Generator<UpperItem> {
    const pending = this.#pending;
    this.#pending = [];
    yield* pending;
    yield item;
  }
}

/**
 * A copy keeps owner, mode, size and time of what it was made from; whatever writes to it changes the time.
 * Programs that set it back are not found out, as with Docker's drivers of this kind.
 */
function isSame(stat: BigIntStats, below: string): boolean {
  const before = lstatSync(below, { bigint: true });
  const fields = ["mode", "uid", "gid", "rdev", "size", "mtimeNs"] as const;
  return fields.every((field) => stat[field] === before[field]);
}

/** The entry went away or became something else between its listing and its opening. */
const GONE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

const isWhiteoutEntry = (stat: BigIntStats): boolean =>
  isWhiteout({ isCharacterDevice: () => stat.isCharacterDevice(), rdev: Number(stat.rdev) });

function hiddenNames(dir: number, folders: readonly string[], files: Files): readonly string[] {
  const here = new Set(sortedNames(`/proc/self/fd/${dir}`));
  const below = new Set(folders.flatMap((folder) => sortedNames(folder)));
  return [...below].filter((name) => !here.has(name) && lookUp(files, folders, name)).sort();
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function sortedNames(folder: string): readonly string[] {
  const names = readdirSync(folder, { encoding: "buffer" }).map((name) => {
    try {
      return decoder.decode(name);
    } catch (cause) {
      throw systemError(
        `the file name ${JSON.stringify(name.toString("latin1"))} is not valid UTF-8: rename it first`,
        cause,
      );
    }
  });
  return names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
