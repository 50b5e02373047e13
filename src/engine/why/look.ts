import { readFile, realpath } from "node:fs/promises";
import { openView } from "../archive/view.ts";
import type { Container } from "../containers/container.ts";
import { environment } from "../containers/environment.ts";
import { alone, type Kit } from "../containers/kit.ts";
import { settleUser } from "../containers/prepare.ts";
import type { FileView } from "../ports.ts";
import { noexecFolders } from "./noexec.ts";
import { inspectProgram, type ProgramFinding, type ProgramQuestion } from "./program.ts";

/**
 * Looks into the container's files for what keeps one of these programs from being run: the first that cannot be, else
 * the last. Undefined when the files cannot be looked at; then the diagnosis goes without.
 */
export async function lookAtProgram(
  kit: Kit,
  container: Container,
  names: readonly string[],
): Promise<ProgramFinding | undefined> {
  try {
    const open = await alone(kit, container, () => openView(kit, container));
    try {
      const question = await questionOf(kit, container, open.view);
      let found: ProgramFinding | undefined;
      for (const name of names) {
        const peek = (path: string, offset: number, length: number) =>
          kit.files.peek(open.view, path, offset, length);
        found = await inspectProgram(peek, { ...question, name });
        if (found.kind !== "fine") return found;
      }
      return found;
    } finally {
      await open.release();
    }
  } catch (error) {
    kit.log.info("a diagnosis could not look at the files of a container", { id: container.id, error });
    return undefined;
  }
}

async function questionOf(
  kit: Kit,
  container: Container,
  view: FileView,
): Promise<Omit<ProgramQuestion, "name">> {
  const { config } = container.record.document;
  const variables = new Map(
    environment(config, "", "").map((text) => {
      const equals = text.indexOf("=");
      return [text.slice(0, equals), text.slice(equals + 1)] as const;
    }),
  );
  // A user that is not there has its own message; the program is then looked at as root.
  const user = await settleUser(kit, container, view.root, config.User ?? "").catch(() => undefined);
  return {
    path: variables.get("PATH") ?? "",
    libraryPath: variables.get("LD_LIBRARY_PATH") ?? "",
    workingDir: config.WorkingDir || "/",
    user: user ? { uid: user.uid, gids: [user.gid, ...user.additionalGids] } : { uid: 0, gids: [0] },
    arch: process.arch,
    noexec: noexecFolders(view, await readFile("/proc/self/mountinfo", "utf8"), await settledSources(view)),
  };
}

const settledSources = (view: FileView): Promise<readonly string[]> =>
  Promise.all(view.mounts.map(({ source }) => realpath(source).catch(() => source)));
