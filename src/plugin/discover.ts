import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../base/errors.ts";
import { loadRegularFile } from "../base/regular-file.ts";
import { type PluginAddress, parseAddress, parseJsonSpec } from "./address.ts";

/** Where plugins make themselves known. */
export interface PluginFolders {
  /** For NAME.sock, or NAME/NAME.sock. */
  readonly sockets: string;
  /** For NAME.spec (a URL) and NAME.json, or in a folder NAME; the first that has it wins. */
  readonly specs: readonly string[];
}

/** Docker's folders, so that plugins need not know whose engine asks. */
export const DOCKER_FOLDERS: PluginFolders = {
  sockets: "/run/docker/plugins",
  specs: ["/etc/docker/plugins", "/usr/lib/docker/plugins"],
};

const ABSENT = new Set(["ENOENT", "ENOTDIR", "EACCES"]);

/** A name becomes part of a path, and comes from clients. */
export const isPluginName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(name);

async function ifPresent<T>(body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    if (ABSENT.has(errnoOf(error) ?? "")) return undefined;
    throw error;
  }
}

const candidates = (folder: string, name: string, suffix: string): readonly string[] => [
  join(folder, `${name}${suffix}`),
  join(folder, name, `${name}${suffix}`),
];

/** Where the plugin listens; undefined when there is none of this name. Throws invalidParameter for a bad file. */
export async function findPlugin(folders: PluginFolders, name: string): Promise<PluginAddress | undefined> {
  if (!isPluginName(name)) return undefined;
  for (const socket of candidates(folders.sockets, name, ".sock")) {
    if ((await ifPresent(() => stat(socket)))?.isSocket()) return { socket };
  }
  for (const folder of folders.specs) {
    for (const suffix of [".spec", ".json"]) {
      for (const file of candidates(folder, name, suffix)) {
        const content = (await ifPresent(() => loadRegularFile(file)))?.toString();
        if (content === undefined) continue;
        return suffix === ".spec" ? parseAddress(content.trim(), file) : parseJsonSpec(content, file);
      }
    }
  }
  return undefined;
}

async function namesIn(folder: string, suffixes: readonly string[]): Promise<readonly string[]> {
  const entries = (await ifPresent(() => readdir(folder, { withFileTypes: true }))) ?? [];
  const strip = (file: string) =>
    suffixes.flatMap((end) => (file.endsWith(end) ? [file.slice(0, -end.length)] : []));
  const found = await Promise.all(
    entries.map(async (entry) => {
      if (!entry.isDirectory()) return strip(entry.name);
      const inner = (await ifPresent(() => readdir(join(folder, entry.name)))) ?? [];
      return inner.flatMap(strip).filter((name) => name === entry.name);
    }),
  );
  return found.flat();
}

/** Names of all plugins that make themselves known, in alphabetical order. */
export async function listPlugins(folders: PluginFolders): Promise<readonly string[]> {
  const found = await Promise.all([
    namesIn(folders.sockets, [".sock"]),
    ...folders.specs.map((folder) => namesIn(folder, [".spec", ".json"])),
  ]);
  return [...new Set(found.flat())].filter(isPluginName).sort();
}
