import { conflict, errnoOf, invalidParameter, notFound } from "../../base/errors.ts";
import type { Container } from "../containers/container.ts";
import { alone, type Kit } from "../containers/kit.ts";
import { settleUser } from "../containers/prepare.ts";
import { publish } from "../containers/publish.ts";
import type { PathStat, UnpackOptions } from "../ports.ts";
import { type OpenView, openView } from "./view.ts";

/** `docker cp`: files of a container, running or not. Paths start at the container's root. */
export interface Archives {
  stat(reference: string, path: string): Promise<PathStat>;
  /** Throws notFound before there is a byte. What it holds is given back when `tar` ends or is left. */
  read(
    reference: string,
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly stat: PathStat; readonly tar: AsyncIterable<Uint8Array> }>;
  write(
    reference: string,
    path: string,
    tar: AsyncIterable<Uint8Array>,
    options: { readonly keepKinds: boolean; readonly asContainerUser: boolean },
    signal: AbortSignal,
  ): Promise<void>;
}

const absolute = (path: string): string => (path.startsWith("/") ? path : `/${path}`);

/** What lies nowhere is said as Docker says it. */
function explained(error: unknown, reference: string, path: string): unknown {
  // "/etc/passwd/" names a folder that is a file.
  if (errnoOf(error) === "ENOTDIR")
    return invalidParameter(`${path} in container ${reference}: not a directory`, error);
  return ["ENOENT", "ELOOP"].includes(errnoOf(error) ?? "")
    ? notFound(`Could not find the file ${path} in container ${reference}`, error)
    : error;
}

export function createArchives(kit: Kit): Archives {
  const opened = (reference: string): Promise<{ container: Container; view: OpenView }> => {
    const container = kit.table.resolve(reference);
    return alone(kit, container, async () => {
      const { status } = container.state;
      if (status === "removing" || status === "dead") throw conflict("container is marked for removal");
      return { container, view: await openView(kit, container) };
    });
  };
  return {
    async stat(reference, path) {
      const { view } = await opened(reference);
      try {
        return await kit.files.stat(view.view, absolute(path));
      } catch (error) {
        throw explained(error, reference, path);
      } finally {
        await view.release();
      }
    },
    async read(reference, path, signal) {
      const { container, view } = await opened(reference);
      try {
        const { stat, tar } = await kit.files.pack(view.view, absolute(path), signal);
        publish(kit, container, "archive-path");
        return { stat, tar: releasing(tar, view) };
      } catch (error) {
        await view.release();
        throw explained(error, reference, path);
      }
    },
    async write(reference, path, tar, { keepKinds, asContainerUser }, signal) {
      const { container, view } = await opened(reference);
      try {
        const owner = asContainerUser ? await ownerOf(kit, container, view) : undefined;
        const options: UnpackOptions = { keepKinds, ...(owner ? { owner } : {}) };
        await kit.files.unpack(view.view, absolute(path), tar, options, signal);
        publish(kit, container, "extract-to-dir");
      } catch (error) {
        throw explained(error, reference, path);
      } finally {
        await view.release();
      }
    },
  };
}

async function* releasing(tar: AsyncIterable<Uint8Array>, view: OpenView): AsyncGenerator<Uint8Array> {
  try {
    yield* tar;
  } finally {
    await view.release();
  }
}

/** The container's user, where it names one. */
async function ownerOf(kit: Kit, container: Container, { view }: OpenView): Promise<UnpackOptions["owner"]> {
  const { User } = container.record.document.config;
  if (!User) return undefined;
  const { uid, gid } = await settleUser(kit, container, view.root, User);
  return { uid, gid };
}
