import { join } from "node:path";
import { Readable } from "node:stream";
import { invalidParameter } from "../../base/errors.ts";
import { bytesOf, MemoryTree, receiveTar, subtree } from "../context/index.ts";
import { parseDockerfile } from "../dockerfile/index.ts";
import type { BuildEvent } from "../execute/index.ts";
import { type BuildInput, inTree, readInput } from "../input.ts";
import { type Linted, lint } from "../lint/index.ts";
import { checkWishes, solveInput, type Workshop, withScratch } from "../workshop.ts";
import { NO_LIMITS, type OwnBuildOptions, parseOwnOptions } from "./options.ts";
import type { BuildResult, OwnBuildLine, OwnBuildRequest } from "./request.ts";

/** Of build.json, secrets included: bytes. */
const OPTIONS_LIMIT = 16 * 1024 * 1024;

/** One `POST /wharf/v1/build`. */
export async function buildOwn(
  workshop: Workshop,
  { body, auth }: OwnBuildRequest,
  signal: AbortSignal,
  write: (line: OwnBuildLine) => void | Promise<void>,
): Promise<void> {
  const start = performance.now();
  const emit = (event: BuildEvent | BuildResult) =>
    write({ ...event, time: Math.round(performance.now() - start) });
  await withScratch(workshop, signal, async (scratch) => {
    const sent = await receiveTar(body, join(scratch, "context"), signal);
    const options = readOptions(sent);
    const tags = checkWishes(options);
    const input = await inputOf(workshop, sent, options, scratch, signal);
    const wishes = {
      ...options,
      auth,
      networkMode: options.network,
      epoch: options.sourceDateEpoch,
      limits: { ...NO_LIMITS, ...options.limits },
      confidential: {
        secrets: new Map(
          Object.entries(options.secrets).map(([id, text]) => [id, Buffer.from(text, "base64")]),
        ),
        sshAgents: new Map(Object.entries(options.ssh)),
      },
    };
    const { warnings, isError } = check(workshop, input);
    if (warnings.length > 0) await emit({ type: "lint", warnings });
    if (isError && warnings.length > 0)
      throw invalidParameter("the Dockerfile asks for an end at warnings (check=error=true)");
    if (options.check) return;
    const id = await solveInput(workshop, wishes, input, { scratch, signal, emit });
    for (const tag of tags) workshop.parts.images.tag(id, tag);
    await emit({ type: "result", id, tags });
  });
}

/** Build checks. Throws what is wrong with the Dockerfile altogether. */
function check({ parts }: Workshop, { dockerfile: { name, text }, ignored }: BuildInput): Linted {
  return lint({
    text,
    dockerfile: parseDockerfile(text, name),
    envOf: (reference) => parts.images.find(reference)?.config.config?.Env ?? undefined,
    isIgnored: (path) => ignored.ignores(path),
  });
}

function readOptions(sent: MemoryTree): OwnBuildOptions {
  const node = sent.node("build.json");
  if (node?.type !== "file" || node.size > OPTIONS_LIMIT)
    throw invalidParameter("the request has no build.json: send a tar with build.json and context/");
  return parseOwnOptions(Buffer.from(bytesOf(sent.content("build.json"))).toString("utf8"));
}

async function inputOf(
  { parts }: Workshop,
  sent: MemoryTree,
  options: OwnBuildOptions,
  folder: string,
  signal: AbortSignal,
): Promise<BuildInput> {
  const { dockerfileText: text, dockerfile, remote } = options;
  if (remote !== "") {
    return readInput({ context: Readable.from([]), remote, dockerfile }, { folder, git: parts.git, signal });
  }
  const context = sent.node("context") ? subtree(sent, "context", "the request") : new MemoryTree();
  return inTree(context, dockerfile, text);
}
