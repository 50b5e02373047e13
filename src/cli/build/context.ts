import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { type IgnoreRules, parseIgnoreFile } from "../../base/patterns/ignore.ts";

/** Where a build's files come from, and its Dockerfile. */
export interface LocalContext {
  readonly folder: string;
  /** As the engine is told. */
  readonly dockerfile: string;
  /** Its text, when it does not lie in the context. */
  readonly dockerfileText?: string;
  readonly rules: IgnoreRules;
  /** Files that are sent although they are ignored. */
  readonly always: ReadonlySet<string>;
}

const readOptional = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });

/** Finds Dockerfile and ignore rules of a folder. `text`: the Dockerfile as it came from stdin. */
export async function openContext(path: string, file: string, text?: string): Promise<LocalContext> {
  const folder = resolve(path);
  const isFolder = await lstat(`${folder}/.`).catch(() => undefined);
  if (!isFolder) throw new Error(`path ${JSON.stringify(path)} not found`);
  const place = await placeOf(folder, file);
  const inside = relative(folder, place);
  const isInside = text === undefined && !inside.startsWith("..");
  const own = text === undefined ? await readOptional(`${place}.dockerignore`) : undefined;
  const rules = parseIgnoreFile(own ?? (await readOptional(join(folder, ".dockerignore"))) ?? "");
  const dockerfileText = text ?? (isInside ? undefined : await readFile(place, "utf8"));
  return {
    folder,
    dockerfile: isInside ? inside : basename(place),
    ...(dockerfileText === undefined ? {} : { dockerfileText }),
    rules,
    always: new Set([".dockerignore", ...(isInside ? [inside, `${inside}.dockerignore`] : [])]),
  };
}

async function placeOf(folder: string, file: string): Promise<string> {
  if (file !== "") return resolve(file);
  const names = await readdir(folder);
  return join(
    folder,
    !names.includes("Dockerfile") && names.includes("dockerfile") ? "dockerfile" : "Dockerfile",
  );
}

/** The body of a build request: the options, then what of the context can be needed. */
export function requestBody(
  options: object,
  context: LocalContext | Uint8Array | undefined,
): AsyncIterable<Uint8Array> {
  const archive = pack();
  fill(archive, options, context).catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return archive as unknown as AsyncIterable<Uint8Array>;
}

async function fill(
  archive: Pack,
  options: object,
  context: LocalContext | Uint8Array | undefined,
): Promise<void> {
  archive.entry({ name: "build.json", mode: 0o600 }, JSON.stringify(options));
  if (context instanceof Uint8Array) archive.entry({ name: "context.tar" }, Buffer.from(context));
  else if (context) {
    archive.entry({ name: "context/", type: "directory", mode: 0o755 });
    await addFolder(archive, context, "");
  }
  archive.finalize();
}

async function addFolder(archive: Pack, context: LocalContext, folder: string): Promise<void> {
  const entries = await readdir(join(context.folder, folder), { withFileTypes: true });
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const isIgnored = context.rules.ignores(path) && !context.always.has(path);
    await addEntry(archive, context, path, isIgnored);
  }
}

async function addEntry(
  archive: Pack,
  context: LocalContext,
  path: string,
  isIgnored: boolean,
): Promise<void> {
  const at = join(context.folder, path);
  const stat = await lstat(at);
  const header = { name: `context/${path}`, mode: stat.mode & 0o7777, mtime: stat.mtime };
  if (stat.isDirectory()) {
    // Below an ignored folder a later rule may take files in again.
    if (!isIgnored) archive.entry({ ...header, name: `${header.name}/`, type: "directory" });
    if (!isIgnored || context.rules.includesAny || reachesBelow(context.always, path))
      await addFolder(archive, context, path);
  } else if (isIgnored) return;
  else if (stat.isSymbolicLink()) archive.entry({ ...header, type: "symlink", linkname: await readlink(at) });
  else if (stat.isFile()) await addFile(archive, { ...header, size: stat.size }, at);
}

const reachesBelow = (always: ReadonlySet<string>, folder: string): boolean =>
  [...always].some((path) => dirname(path) === folder || path.startsWith(`${folder}/`));

/** The archive refuses a file that became shorter while it was read. */
async function addFile(
  archive: Pack,
  header: { readonly name: string; readonly size: number },
  path: string,
): Promise<void> {
  if (header.size === 0) return void archive.entry(header, "");
  await pipeline(createReadStream(path, { end: header.size - 1 }), archive.entry(header));
}
