import { join } from "node:path";
import { Readable } from "node:stream";
import { invalidParameter, notImplemented } from "../../base/errors.ts";
import {
  cleanPath,
  compressionOf,
  type IgnoreRules,
  isTarHead,
  joinPath,
  MemoryTree,
  parseIgnoreFile,
  peek,
  receiveTar,
} from "../context/index.ts";
import { didYouMean } from "../dockerfile/index.ts";
import { fetchUrl } from "../execute/index.ts";
import type { BuildRequest } from "./request.ts";

interface BuildInput {
  readonly context: MemoryTree;
  readonly dockerfile: { readonly name: string; readonly text: string };
}

const DEFAULT_NAME = "Dockerfile";
/** A Dockerfile larger than this is refused: bytes. */
const DOCKERFILE_LIMIT = 8 * 1024 * 1024;

/** Reads context and Dockerfile of a request, .dockerignore applied. Large files are kept in `folder`. */
export async function readInput(
  request: BuildRequest,
  folder: string,
  signal: AbortSignal,
): Promise<BuildInput> {
  if (request.remote === "") return fromTar(request.context, request.dockerfile, folder, signal);
  if (!/^https?:\/\//.test(request.remote) || /\.git(?:[#?]|$)/.test(request.remote)) {
    throw notImplemented(
      `building from the git repository ${request.remote} is not available: clone it and send the folder`,
    );
  }
  const response = await fetchUrl(request.remote, signal);
  const { head, whole } = await peek(Readable.from(response.body ?? []), 512);
  if (compressionOf(head) !== "none" || isTarHead(head))
    return fromTar(whole, request.dockerfile, folder, signal);
  return {
    context: new MemoryTree(),
    dockerfile: { name: DEFAULT_NAME, text: await readText(whole, request.remote) },
  };
}

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

async function fromTar(
  source: AsyncIterable<Uint8Array>,
  wanted: string,
  folder: string,
  signal: AbortSignal,
): Promise<BuildInput> {
  const context = await receiveTar(source, join(folder, "context"), signal);
  const name = findDockerfile(context, cleanPath(wanted || DEFAULT_NAME));
  const text = readFile(context, name);
  const rules = ignoreRulesOf(context, name);
  if (!rules.isEmpty) removeIgnored(context, "", rules);
  return { context, dockerfile: { name, text } };
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
  const content = path === undefined ? undefined : context.content(path);
  if (!content || !("bytes" in content)) throw invalidParameter(`${name} is too large to be read`);
  return Buffer.from(content.bytes).toString("utf8");
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
