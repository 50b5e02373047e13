import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { getSystemErrorMessage } from "node:util";
import { errnoOf, invalidParameter, messageOf, notFound } from "../base/errors.ts";
import { type Kernel, KernelError } from "../kernel/index.ts";
import type { Prepared } from "./volume.ts";

const PATH_ONLY = 0o10000000; // O_PATH, which node:fs does not export

function refusal(error: unknown, folder: string, subpath: string): Error {
  if (errnoOf(error) === "EXDEV")
    return invalidParameter(
      `path concatenation escapes the base directory, base: ${folder}, subpath: ${subpath}`,
      error,
    );
  const reason = error instanceof KernelError ? getSystemErrorMessage(-error.errno) : messageOf(error);
  return notFound(`cannot access path ${join(folder, subpath)}: ${reason}`, error);
}

/**
 * Paths below a volume for a runtime that takes only text: what the kernel finds beneath the volume is mounted at a place
 * of the engine's own, so that nobody who writes to the volume can swap it while the container starts.
 */
export function openSubpaths(root: string, { mounts, files }: Pick<Kernel, "mounts" | "files">) {
  const release = (path: string): void => {
    mounts.unmount(path, { detach: true });
    rmSync(path, { recursive: true, force: true });
  };
  return {
    hold(folder: string, subpath: string, key: string): Prepared {
      const top = files.openRoot(folder);
      try {
        const found = files.openBeneath(top, subpath, PATH_ONLY);
        try {
          return held(found, key);
        } finally {
          files.close(found);
        }
      } catch (error) {
        throw error instanceof KernelError && error.syscall === "openat2"
          ? refusal(error, folder, subpath)
          : error;
      } finally {
        files.close(top);
      }
    },
    /** Gives back what a killed engine held. */
    recover(): void {
      for (const { target } of mounts.list().filter((mount) => mount.target.startsWith(`${root}/`)))
        mounts.unmount(target, { detach: true });
      for (const name of names(root)) rmSync(join(root, name), { recursive: true, force: true });
    },
  };

  function held(found: number, key: string): Prepared {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const path = join(root, key);
    if (fstatSync(found).isDirectory()) mkdirSync(path, { recursive: true });
    else closeSync(openSync(path, constants.O_CREAT, 0o600));
    try {
      mounts.mount({ source: `/proc/self/fd/${found}`, target: path, flags: ["rbind"] });
    } catch (error) {
      rmSync(path, { recursive: true, force: true });
      throw error;
    }
    return { path, release: () => release(path) };
  }
}

export type Subpaths = ReturnType<typeof openSubpaths>;

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}
