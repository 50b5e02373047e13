import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { orAborted } from "../../base/async.ts";
import { invalidParameter } from "../../base/errors.ts";
import { checksumOf, cleanPath, isGitUrl, type SourceTree } from "../context/index.ts";
import type { FileSource } from "../plan/index.ts";
import { isUrl, type RunAction, type Step, type TransferAction } from "../plan/index.ts";
import type { BuilderParts, KnownImage } from "../ports.ts";
import type { Confidential } from "./confidential.ts";
import { cloneTree } from "./git-tree.ts";
import { fileTree } from "./inline-tree.ts";
import { downloadTree, nameOfUrl } from "./remote-file.ts";
import { RootFolder } from "./root-folder.ts";
import { RootTree } from "./root-tree.ts";
import { openWorkspace } from "./snapshot.ts";
import { checksumOfSources, findSources, type Source } from "./sources.ts";

/** Where a step's files come from, as the build knows it. */
export interface InputParts {
  readonly parts: BuilderParts;
  readonly context: SourceTree;
  /** The image of a finished stage, or of a reference. */
  readonly imageOf: (source: Exclude<FileSource, { readonly kind: "context" }>) => Promise<ImageInput>;
  readonly confidential: Confidential;
  readonly scratch: string;
  readonly signal: AbortSignal;
}

export type ImageInput = Pick<KnownImage, "chainId"> & { readonly id?: KnownImage["id"] };

/** What goes into a step besides its parent. */
export interface Inputs {
  /** Enough to know the step again, and cheap: images count by their id. */
  readonly cheap: readonly string[];
  /** Checksums by path, of what is taken from the context. */
  readonly files: ReadonlyMap<string, string>;
  /** What is copied, for COPY and ADD; opens images when asked, and closes them with `keep`. */
  sources(keep: AsyncDisposableStack): Promise<readonly Source[]>;
}

const NO_FILES: ReadonlyMap<string, string> = new Map();
const NONE: Inputs = { cheap: [], files: NO_FILES, sources: async () => [] };

export async function inputsOf({ action }: Step, from: InputParts): Promise<Inputs> {
  if (action.kind === "run") return runInputs(action, from);
  if (action.kind !== "transfer") return NONE;
  if (action.source.kind === "context") {
    const sources = await contextSources(action, from);
    const files = new Map<string, string>();
    return { cheap: [await checksumOfSources(sources, action, files)], files, sources: async () => sources };
  }
  const image = await from.imageOf(action.source);
  return {
    cheap: [image.id ?? "scratch"],
    files: NO_FILES,
    sources: async (keep) => [
      ...findSources(await openImage(image, from, keep), action.paths, action),
      ...inlineSources(action),
    ],
  };
}

async function openImage(
  { chainId }: ImageInput,
  { parts }: InputParts,
  keep: AsyncDisposableStack,
): Promise<SourceTree> {
  const workspace = keep.use(await openWorkspace(parts.layers, chainId));
  return new RootTree(keep.use(new RootFolder(parts.files, workspace.rootfs)));
}

async function contextSources(action: TransferAction, from: InputParts): Promise<readonly Source[]> {
  const isRemote = (path: string) => action.name === "ADD" && (isGitUrl(path) || isUrl(path));
  const local = action.paths.filter((path) => !isRemote(path));
  const remote: Source[] = [];
  for (const path of action.paths.filter(isRemote))
    remote.push(await (isGitUrl(path) ? gitSource : remoteSource)(path, action, from));
  return [...findSources(from.context, local, action), ...inlineSources(action), ...remote];
}

async function remoteSource(
  url: string,
  action: TransferAction,
  { scratch, signal }: InputParts,
): Promise<Source> {
  const needsName = action.destination.endsWith("/");
  const name = needsName ? nameOfUrl(url) : "download";
  const folder = join(scratch, createHash("sha256").update(url).digest("hex").slice(0, 16));
  const tree = await orAborted(
    downloadTree(url, { folder, name, checksum: action.checksum, signal }),
    signal,
  );
  return sourceOf(tree, name, true);
}

/** A repository's files come like those of a folder. */
async function gitSource(
  url: string,
  { keepGitDir, checksum }: TransferAction,
  { parts, scratch, signal, confidential }: InputParts,
): Promise<Source> {
  const folder = join(scratch, createHash("sha256").update(url).digest("hex").slice(0, 16));
  await rm(folder, { recursive: true, force: true });
  const sshAgent = confidential.sshAgents?.get("default");
  const tree = await cloneTree(parts.git, url, { folder, keepGitDir, checksum, sshAgent, signal });
  return sourceOf(tree, "", true);
}

function inlineSources({ inline }: TransferAction): readonly Source[] {
  return inline.map(({ name, content }) => sourceOf(fileTree(name, content), name, false));
}

function sourceOf(tree: SourceTree, name: string, isRemote: boolean): Source {
  const node = tree.node(name);
  if (!node) throw invalidParameter(`invalid file name: ${name}`);
  return { tree, path: name, node, name, parents: [], isRemote };
}

async function runInputs(action: RunAction, from: InputParts): Promise<Inputs> {
  const cheap: string[] = [];
  for (const { mount, source } of action.mounts) {
    if (mount.type !== "bind") continue;
    if (source.kind === "context") cheap.push(await contextSum(mount.source, from.context));
    else cheap.push((await from.imageOf(source)).id ?? "scratch");
  }
  return { cheap, files: NO_FILES, sources: async () => [] };
}

function contextSum(path: string, context: SourceTree): Promise<string> {
  const resolved = context.resolve(cleanPath(path));
  if (resolved === undefined)
    throw invalidParameter(`the source of a bind mount is not in the build context: ${path}`);
  return checksumOf(context, resolved, { owners: false, skips: () => false });
}
