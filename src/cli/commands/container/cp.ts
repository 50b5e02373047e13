import { lstatSync, readlinkSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { hasKind } from "../../../base/errors.ts";
import { command, exactly } from "../../command/command.ts";
import type { Client } from "../../connection/connect.ts";
import type { Context } from "../../context.ts";
import { packTree } from "../../copy/pack.ts";
import {
  assertsDirectory,
  cleanPath,
  type End,
  planCopy,
  readPlace,
  renameTop,
  splitPath,
} from "../../copy/paths.ts";
import { unpack } from "../../copy/unpack.ts";
import { bool } from "../../flags/flag.ts";
import { formatBytes } from "../../format/units.ts";
import { isTerminal, writeAll } from "../../tty/style.ts";

interface CopyFlags {
  readonly archive: boolean;
  readonly "follow-link": boolean;
  readonly quiet: boolean;
}

export default command({
  flags: {
    archive: bool("a", "Archive mode (copy all uid/gid information)"),
    "follow-link": bool("L", "Always follow symbol link in SRC_PATH"),
    quiet: bool(
      "q",
      "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached",
    ),
  },
  arguments: exactly(2, "copyEnd"),
  about: `Copy files/folders between a container and the local filesystem

Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a container.
Use '-' as the destination to stream a tar archive of a
container source to stdout.`,
  async run(context, { values: flags, args: [from = "", to = ""] }) {
    if (from === "") throw new Error("source can not be empty");
    if (to === "") throw new Error("destination can not be empty");
    const [source, target] = [readPlace(from), readPlace(to)];
    if (source.container && target.container) throw new Error("copying between containers is not supported");
    if (source.container) await copyOut(context, source.container, source.path, target.path, flags);
    else if (target.container) await copyIn(context, source.path, target.container, target.path, flags);
    else throw new Error("must specify at least one container source");
  },
});

interface PathStat {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly linkTarget: string;
}

const STAT_HEADER = "x-docker-container-path-stat";
/** Go's file mode bits, which the engine answers with. */
const [MODE_DIRECTORY, MODE_SYMLINK] = [2 ** 31, 2 ** 27];
const has = (mode: number, bit: number): boolean => Math.floor(mode / bit) % 2 === 1;

async function statInside(client: Client, id: string, path: string): Promise<PathStat> {
  const headers = await client.headers("ContainerArchiveInfo", { id, path });
  return JSON.parse(Buffer.from(headers[STAT_HEADER] ?? "e30=", "base64").toString()) as PathStat;
}

function tellCopied({ err, out }: Context, flags: CopyFlags, bytes: number, place: string): void {
  if (!flags.quiet && out.live) err.write(`Successfully copied ${formatBytes(bytes)} to ${place}\n`);
}

/** From a container to here. */
async function copyOut(
  context: Context,
  id: string,
  path: string,
  to: string,
  flags: CopyFlags,
): Promise<void> {
  const client = context.client();
  const source = await followed(client, id, path, flags["follow-link"]);
  if (to === "-") {
    if (isTerminal(1)) throw new Error("cowardly refusing to output to a terminal. Redirect");
    for await (const chunk of await client.stream("ContainerArchive", { id, path: source }))
      writeAll(1, chunk as Buffer);
    return;
  }
  checkTarget(to);
  const stream = await client.stream("ContainerArchive", { id, path: source });
  const stat = JSON.parse(
    Buffer.from(stream.headers[STAT_HEADER] ?? "e30=", "base64").toString(),
  ) as PathStat;
  const sourceEnd: End = {
    path: cleanPath(source),
    exists: true,
    isDirectory: has(stat.mode, MODE_DIRECTORY),
  };
  const plan = planCopy(sourceEnd, endHere(to));
  const rename = plan.rename
    ? renameTop({ from: topOf(source, stat), to: plan.rename.to })
    : (name: string) => name;
  tellCopied(context, flags, await unpack(stream, plan.folder, rename), to);
}

/** What the engine calls the archive's top. */
const topOf = (path: string, stat: PathStat): string =>
  /\/\.$/.test(path) ? "." : stat.name || basename(path);

async function followed(client: Client, id: string, path: string, follows: boolean): Promise<string> {
  if (!follows) return path;
  const { mode, linkTarget } = await statInside(client, id, path);
  if (!has(mode, MODE_SYMLINK) || !linkTarget) return path;
  return isAbsolute(linkTarget) ? linkTarget : join(dirname(path), linkTarget);
}

function checkTarget(path: string): void {
  const folder = dirname(resolve(path));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`invalid output path: directory ${JSON.stringify(folder)} does not exist`);
  const known = lstatSync(path, { throwIfNoEntry: false });
  if (known && !known.isFile() && !known.isDirectory() && !known.isSymbolicLink())
    throw new Error("got a device");
}

/** The end of a copy on this machine; a link that is in the way is the place it leads to. */
function endHere(path: string): End {
  const clean = cleanPath(resolve(path) + (/\/\.?$/.test(path) ? path.slice(path.lastIndexOf("/")) : ""));
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat) return { path: clean, exists: true, isDirectory: stat.isDirectory() };
  return { path: clean, exists: false, isDirectory: false };
}

/** From here into a container. */
async function copyIn(
  context: Context,
  from: string,
  id: string,
  to: string,
  flags: CopyFlags,
): Promise<void> {
  const client = context.client();
  const target = await endInside(client, id, to);
  const query = { id, noOverwriteDirNonDir: true, copyUIDGID: flags.archive };
  if (from === "-") {
    if (target.exists && !target.isDirectory)
      throw new Error(`destination "${id}:${to}" must be a directory`);
    await client.call("PutContainerArchive", { ...query, path: target.path, body: process.stdin });
    return;
  }
  const follows = flags["follow-link"];
  const stat = (follows ? statSync : lstatSync)(from, { throwIfNoEntry: false });
  if (!stat) throw new Error(`lstat ${resolve(from)}: no such file or directory`);
  if (assertsDirectory(from) && !statSync(from).isDirectory()) throw new Error(`${from}: not a directory`);
  const source = sourceHere(from, follows);
  const plan = planCopy(
    { path: cleanPath(from), exists: true, isDirectory: statOf(source).isDirectory() },
    target,
  );
  const own = /(^|\/)\.$/.test(from) ? "." : basename(resolve(from));
  const name = plan.rename ? plan.rename.to : own;
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of packTree(source, { name })) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  await client.call("PutContainerArchive", { ...query, path: plan.folder, body: Readable.from(counted()) });
  tellCopied(context, flags, bytes, `${id}:${to}`);
}

const statOf = (path: string) => lstatSync(path);

/** A link is copied as a link, unless it is to be followed or says that it is a folder. */
function sourceHere(from: string, follows: boolean): string {
  const path = resolve(from);
  if (!lstatSync(path).isSymbolicLink() || !(follows || assertsDirectory(from))) return path;
  return resolve(dirname(path), readlinkSync(path));
}

/** The end of a copy in a container. A link is the place it leads to. */
async function endInside(client: Client, id: string, path: string): Promise<End> {
  const absolute = cleanPath(path.startsWith("/") ? path : `/${path}`);
  try {
    const stat = await statInside(client, id, absolute);
    if (!has(stat.mode, MODE_SYMLINK))
      return { path: absolute, exists: true, isDirectory: has(stat.mode, MODE_DIRECTORY) };
    const target = isAbsolute(stat.linkTarget)
      ? stat.linkTarget
      : join(splitPath(absolute).folder, stat.linkTarget);
    const behind = await statInside(client, id, target);
    return { path: target, exists: true, isDirectory: has(behind.mode, MODE_DIRECTORY) };
  } catch (error) {
    if (!hasKind(error, "notFound") || /no such container/i.test((error as Error).message)) throw error;
    return { path: absolute, exists: false, isDirectory: false };
  }
}
