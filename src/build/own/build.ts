import { invalidParameter } from "../../base/errors.ts";
import { parseDockerfile } from "../dockerfile/index.ts";
import type { BuildEvent } from "../execute/index.ts";
import { type BuildInput, inTree, readInput } from "../input.ts";
import { type Linted, lint } from "../lint/index.ts";
import { checkWishes, solveInput, type Workshop, withScratch } from "../workshop.ts";
import { Body } from "./body.ts";
import { parseDescribed, readManifest } from "./manifest.ts";
import { NO_LIMITS, type OwnBuildOptions, parseOwnOptions } from "./options.ts";
import { type Ask, RemoteTree } from "./remote-tree.ts";
import type { BuildResult, OwnBuildLine, OwnBuildRequest } from "./request.ts";

const INSECURE = "security.insecure";
/** Needs no permission here, as with docker build. */
const HOST_NETWORK = "network.host";
/** Of the options, secrets included: bytes. */
const OPTIONS_LIMIT = 16 * 1024 * 1024;

/** One `POST /wharf/v1/build`. */
export async function buildOwn(
  workshop: Workshop,
  { body, auth }: OwnBuildRequest,
  signal: AbortSignal,
  write: (line: OwnBuildLine) => void | Promise<void>,
): Promise<void> {
  const start = performance.now();
  const emit = (event: Ask | BuildEvent | BuildResult) =>
    write({ ...event, time: Math.round(performance.now() - start) });
  await withScratch(workshop, signal, async (scratch) => {
    await using keep = new AsyncDisposableStack();
    const rest = new Body(body);
    const options = parseOwnOptions(await rest.line(OPTIONS_LIMIT));
    const tags = checkWishes(options);
    const { git } = workshop.parts;
    const input = options.context
      ? await describedInput(workshop, options, rest, emit, keep)
      : await readInput({ ...options, context: rest.remainder() }, { folder: scratch, git, signal });
    const wishes = {
      ...options,
      auth,
      networkMode: options.network,
      allowInsecure: isInsecureAllowed(options.allow),
      epoch: options.sourceDateEpoch,
      limits: { ...NO_LIMITS, ...options.limits },
      keepsContainers: false,
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
    const { id, stages } = await solveInput(workshop, wishes, input, { scratch, signal, emit });
    if (Object.keys(options.annotations).length > 0) workshop.parts.images.annotate(id, options.annotations);
    for (const tag of tags) await workshop.parts.images.tag(id, tag);
    await emit({ type: "result", id, tags, stages });
  });
}

/** Throws invalidParameter for what cannot be granted. */
function isInsecureAllowed(allow: readonly string[]): boolean {
  const other = allow.find((name) => name !== INSECURE && name !== HOST_NETWORK);
  if (other !== undefined)
    throw invalidParameter(
      `${JSON.stringify(other)} cannot be allowed: only ${INSECURE} and ${HOST_NETWORK} can`,
    );
  return allow.includes(INSECURE);
}

/** The context that the client has described; the rest of the body is what the build asks for. */
async function describedInput(
  { contexts }: Workshop,
  { context = {}, dockerfile }: OwnBuildOptions,
  body: Body,
  ask: (ask: Ask) => void | Promise<void>,
  keep: AsyncDisposableStack,
): Promise<BuildInput> {
  const { id, name, entries } = parseDescribed(context);
  const tree = new RemoteTree(body, await contexts.take(id, name, keep), ask);
  await readManifest(body, entries, tree);
  return inTree(tree, dockerfile);
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
