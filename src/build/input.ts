import { join } from "node:path";
import { Readable } from "node:stream";
import { invalidParameter } from "../base/errors.ts";
import type { BuildRequest } from "./classic/request.ts";
import {
  bytesOf,
  cleanPath,
  compressionOf,
  type IgnoreRules,
  isGitRemote,
  isTarHead,
  joinPath,
  MemoryTree,
  parseIgnoreFile,
  peek,
  receiveTar,
} from "./context/index.ts";
import { didYouMean } from "./dockerfile/index.ts";
import { cloneTree, fetchUrl } from "./execute/index.ts";
import type { GitClient } from "./ports.ts";

export interface BuildInput {
  readonly context: MemoryTree;
  readonly dockerfile: { readonly name: string; readonly text: string };
  /** What was taken out of the context. */
  readonly ignored: IgnoreRules;
}

export interface InputOptions {
  /** Large files are kept below it. */
  readonly folder: string;
  readonly git: GitClient;
  readonly signal: AbortSignal;
}

const DEFAULT_NAME = "Dockerfile";
/** A Dockerfile larger than this is refused: bytes. */
const DOCKERFILE_LIMIT = 8 * 1024 * 1024;

/** Reads context and Dockerfile of a request, .dockerignore applied. */
export async function readInput(
  { context, remote, dockerfile }: Pick<BuildRequest, "context" | "remote" | "dockerfile">,
  { folder, git, signal }: InputOptions,
): Promise<BuildInput> {
  if (remote === "") return fromTar(context, dockerfile, folder, signal);
  if (isGitRemote(remote))
    return inTree(await cloneTree(git, remote, { folder: join(folder, "git"), signal }), dockerfile);
  if (!/^https?:\/\//.test(remote)) {
    throw invalidParameter(
      `cannot build from ${JSON.stringify(remote)}: a remote context is a git repository, or an http(s) URL of a tar archive or a Dockerfile`,
    );
  }
  const response = await fetchUrl(remote, signal);
  const { head, whole } = await peek(Readable.from(response.body ?? []), 512);
  if (compressionOf(head) !== "none" || isTarHead(head)) return fromTar(whole, dockerfile, folder, signal);
  const text = await readText(whole, remote);
  return withoutContext({ name: DEFAULT_NAME, text });
}

const withoutContext = (dockerfile: BuildInput["dockerfile"]): BuildInput => ({
  context: new MemoryTree(),
  dockerfile,
  ignored: parseIgnoreFile(""),
});

async function readText(source: AsyncIterable<Uint8Array>, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > DOCKERFILE_LIMIT)
      throw invalidParameter(`${url} is neither a tar archive nor a Dockerfile: it is too large`);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const fromTar = async (
  source: AsyncIterable<Uint8Array>,
  wanted: string,
  folder: string,
  signal: AbortSignal,
): Promise<BuildInput> =>
  inTree(await receiveTar(source, join(folder, "context"), { signal, mayEndEarly: true }), wanted);

/** Finds the Dockerfile in a context, and takes out what is ignored. */
export function inTree(context: MemoryTree, wanted: string): BuildInput {
  const name = findDockerfile(context, cleanPath(wanted || DEFAULT_NAME));
  const text = readFile(context, name);
  const rules = ignoreRulesOf(context, name);
  if (!rules.isEmpty) removeIgnored(context, "", rules);
  return { context, dockerfile: { name, text }, ignored: rules };
}

function findDockerfile(context: MemoryTree, wanted: string): string {
  const names = wanted === DEFAULT_NAME ? [wanted, "dockerfile"] : [wanted];
  const found = names.find((name) => fileAt(context, name) !== undefined);
  if (found !== undefined) return found;
  throw invalidParameter(
    `Cannot locate specified Dockerfile: ${wanted}${didYouMean(wanted, context.list(""))}`,
  );
}

function fileAt(context: MemoryTree, name: string): string | undefined {
  const path = context.resolve(name);
  return path !== undefined && context.node(path)?.type === "file" ? path : undefined;
}

function readFile(context: MemoryTree, name: string): string {
  const path = fileAt(context, name);
  const node = path === undefined ? undefined : context.node(path);
  if (path === undefined || node?.type !== "file" || node.size > DOCKERFILE_LIMIT)
    throw invalidParameter(`${name} is too large to be read`);
  return Buffer.from(bytesOf(context.content(path))).toString("utf8");
}

/** `<Dockerfile>.dockerignore` counts instead of `.dockerignore` where it is there. */
function ignoreRulesOf(context: MemoryTree, dockerfile: string): IgnoreRules {
  const name = [`${dockerfile}.dockerignore`, ".dockerignore"].find(
    (candidate) => fileAt(context, candidate) !== undefined,
  );
  return parseIgnoreFile(name === undefined ? "" : readFile(context, name));
}

/** Takes out what the rules ignore; a folder that is ignored goes with all that no rule takes in again. */
function removeIgnored(context: MemoryTree, folder: string, rules: IgnoreRules): void {
  for (const name of context.list(folder)) {
    const path = joinPath(folder, name);
    const isFolder = context.node(path)?.type === "directory";
    if (isFolder) removeIgnored(context, path, rules);
    if (rules.ignores(path) && !(isFolder && context.list(path).length > 0)) context.remove(path);
  }
}
