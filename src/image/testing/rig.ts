import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../base/log.ts";
import type { TarEntry } from "../../base/tar/entry.ts";
import { END_OF_ARCHIVE, encodeEntry, paddingAfter } from "../../base/tar/writer.ts";
import { linuxKernel } from "../../kernel/index.ts";
import { openDatabase } from "../../store/index.ts";
import type { ImageStore } from "../index.ts";
import type { LayerLimits } from "../layers/apply/layer-writer.ts";
import { type ImageStoreOptions, openImageStore } from "../store/open.ts";

/** An image store on a temporary folder, for tests; disposing it unmounts and deletes everything. */
export interface Rig extends ImageStore, AsyncDisposable {
  readonly root: string;
  /** Closes the store (if it is open) and opens it again on the same folder, as a restart of the engine does. */
  reopen(options?: RigOptions): Promise<Rig>;
}

const { mounts, subvolumes, files, quotas } = linuxKernel();

/** Where a rig is and how its store is opened. */
export interface RigOptions {
  readonly driver?: ImageStoreOptions["driver"];
  readonly size?: number;
  /** The folder its folder is made in. */
  readonly parent?: string;
}

export async function makeRig(limits?: Partial<LayerLimits>, options: RigOptions = {}): Promise<Rig> {
  return openRig(mkdtempSync(join(options.parent ?? tmpdir(), "wharf-image-")), limits, options);
}

async function openRig(root: string, limits?: Partial<LayerLimits>, options: RigOptions = {}): Promise<Rig> {
  const { driver, size } = options;
  const database = openDatabase(join(root, "wharf.db"));
  const kernel = { mounts, subvolumes, files, quotas };
  const store = await openImageStore({ root, database, kernel, log: silentLogger, limits, driver, size });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await store.close();
    database.close();
  };
  return {
    ...store,
    close,
    root,
    reopen: async (other = options) => {
      await close();
      return openRig(root, limits, other);
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      for (const { target } of mounts.list().filter((mount) => mount.target.startsWith(`${root}/`)))
        mounts.unmount(target);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export type Member = Partial<Omit<TarEntry, "xattrs">> & {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
};

/** A tar of the given members; what is left out is a root-owned file of mode 644 from the epoch. */
export function tarOf(...members: readonly Member[]): Buffer {
  const parts = members.flatMap(({ content = "", xattrs = {}, ...fields }) => {
    const bytes = Buffer.from(content);
    const entry: TarEntry = {
      type: "file",
      linkName: "",
      mode: fields.type === "directory" ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtime: { seconds: 0, nanoseconds: 0 },
      major: 0,
      minor: 0,
      ...fields,
      size: fields.size ?? bytes.length,
      xattrs: new Map(Object.entries(xattrs)),
    };
    return [encodeEntry(entry), bytes, paddingAfter(bytes.length)];
  });
  return Buffer.concat([...parts, END_OF_ARCHIVE]);
}

/** Bytes as a request body would bring them: in small chunks. */
export async function* inChunks(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function gather(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(source));
}
