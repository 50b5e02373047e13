import { readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Readable } from "node:stream";
import { ignoreRules, parseIgnoreFile } from "../../base/ignore/ignore.ts";
import { encodeEntry } from "../../base/tar/writer.ts";
import { DescribedFolder } from "./described.ts";
import { literalParents } from "./patterns.ts";

/** What a build is made from: bytes for the engine, a folder it asks about, or an address that it fetches itself. */
export interface BuildContext {
  readonly body?: AsyncIterable<Uint8Array>;
  readonly described?: DescribedFolder;
  /** Name of the Dockerfile inside the context. */
  readonly dockerfile: string;
  readonly remote?: string;
}

const isRemote = (source: string): boolean => /^(https?:\/\/|git:\/\/|git@|github\.com\/)/.test(source);

/**
 * The context that `wharf build SOURCE -f FILE` means. Checksums of a folder's files are remembered in `cacheFolder`.
 */
export async function openContext(source: string, file: string, cacheFolder: string): Promise<BuildContext> {
  if (source === "-") return fromStdin(file);
  if (isRemote(source)) return { dockerfile: file, remote: source };
  const folder = statSync(source, { throwIfNoEntry: false });
  if (!folder) throw new Error(`unable to prepare context: path ${JSON.stringify(source)} not found`);
  if (!folder.isDirectory())
    throw new Error(`unable to prepare context: context must be a directory: ${resolve(source)}`);
  return fromFolder(realpathSync(source), file, cacheFolder);
}

/** How many bytes tell an archive from a Dockerfile. */
const MAGIC_BYTES = 512;

async function fromStdin(file: string): Promise<BuildContext> {
  const chunks: Buffer[] = [];
  const input = process.stdin[Symbol.asyncIterator]();
  let size = 0;
  let done = false;
  while (size < MAGIC_BYTES && !done) {
    const next = await input.next();
    done = next.done === true;
    if (!done) chunks.push(Buffer.from(next.value));
    size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }
  const head = Buffer.concat(chunks);
  const rest = { [Symbol.asyncIterator]: () => input };
  if (isArchive(head)) {
    const all = async function* () {
      yield head;
      yield* rest;
    };
    return { body: Readable.from(all()), dockerfile: file };
  }
  // What is no archive is a Dockerfile without a context.
  for await (const chunk of rest) chunks.push(Buffer.from(chunk));
  return { body: Readable.from(lone(Buffer.concat(chunks))), dockerfile: "Dockerfile" };
}

const MAGIC = [
  [0x1f, 0x8b],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x28, 0xb5, 0x2f, 0xfd],
];

function isArchive(head: Buffer): boolean {
  if (head.subarray(257, 262).toString("latin1") === "ustar") return true;
  return MAGIC.some((magic) => magic.every((byte, index) => head[index] === byte));
}

function* lone(content: Buffer): Generator<Uint8Array> {
  yield fileEntry("Dockerfile", content.length);
  yield content;
  yield Buffer.alloc((512 - (content.length % 512)) % 512);
  yield Buffer.alloc(1024);
}

const fileEntry = (name: string, size: number): Uint8Array =>
  encodeEntry({
    type: "file",
    name,
    linkName: "",
    size,
    mode: 0o600,
    uid: 0,
    gid: 0,
    mtime: { seconds: 0, nanoseconds: 0 },
    major: 0,
    minor: 0,
    xattrs: new Map(),
  });

function fromFolder(folder: string, file: string, cacheFolder: string): BuildContext {
  const { name, outside } = dockerfileOf(folder, file);
  const { ignore, included, names } = readIgnore(folder, outside ? "" : name);
  const kept = new Set([...names, ...(outside ? [] : [name])]);
  const parents = literalParents(included);
  const options = {
    name: ".",
    anonymous: true,
    ignores: (path: string) => !kept.has(path) && ignore.ignores(path),
    looksInto: (path: string) => parents(path) || [...kept].some((one) => one.startsWith(`${path}/`)),
    inline: kept,
    cacheFolder,
  };
  const extra = outside && { name, content: outside };
  return { described: new DescribedFolder(folder, options, extra), dockerfile: name };
}

function dockerfileOf(
  folder: string,
  file: string,
): { readonly name: string; readonly outside: Buffer | undefined } {
  if (file === "-") return { name: ".dockerfile.stdin", outside: readFileSync(0) };
  // As docker: `-f` counts from where the command is called, not from the context.
  const path = file === "" ? usualDockerfile(folder) : resolve(file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat)
    throw new Error(
      `unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat ${path}: no such file or directory`,
    );
  const inside = relative(folder, realpathSync(path));
  if (!inside.startsWith("../"))
    return {
      name: relative(folder, path).startsWith("..") ? inside : relative(folder, path),
      outside: undefined,
    };
  return { name: ".dockerfile.outside", outside: readFileSync(path) };
}

function usualDockerfile(folder: string): string {
  const path = join(folder, "Dockerfile");
  const lower = join(folder, "dockerfile");
  return !statSync(path, { throwIfNoEntry: false }) && statSync(lower, { throwIfNoEntry: false })
    ? lower
    : path;
}

/** The rules of what is left out, and the names of the files they may stand in: the engine reads those, too. */
function readIgnore(folder: string, dockerfile: string) {
  const names = [...(dockerfile ? [`${dockerfile}.dockerignore`] : []), ".dockerignore"];
  for (const name of names) {
    const path = join(folder, name);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    const text = readFileSync(path, "utf8");
    const included = text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1).trim());
    return { ignore: parseIgnoreFile(text), included, names };
  }
  return { ignore: ignoreRules([]), included: [], names };
}
