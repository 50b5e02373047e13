import { invalidParameter } from "../../base/errors.ts";
import { parseDockerfile } from "../dockerfile/index.ts";
import type { BuildEvent } from "../execute/index.ts";
import { type BuildInput, readInput } from "../input.ts";
import { type Linted, lint } from "../lint/index.ts";
import { checkWishes, solveInput, type Workshop, withScratch } from "../workshop.ts";
import { NO_LIMITS, type OwnBuildOptions, parseOwnOptions } from "./options.ts";
import type { BuildResult, OwnBuildLine, OwnBuildRequest } from "./request.ts";

const LINE_FEED = 10;
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
  const emit = (event: BuildEvent | BuildResult) =>
    write({ ...event, time: Math.round(performance.now() - start) });
  await withScratch(workshop, signal, async (scratch) => {
    const { options, rest } = await readOptions(body);
    const tags = checkWishes(options);
    const { git } = workshop.parts;
    const input = await readInput({ ...options, context: rest }, { folder: scratch, git, signal });
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
    for (const tag of tags) await workshop.parts.images.tag(id, tag);
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

/** The first line of the body, and what follows. */
async function readOptions(
  body: AsyncIterable<Uint8Array>,
): Promise<{ readonly options: OwnBuildOptions; readonly rest: AsyncIterable<Uint8Array> }> {
  const chunks = body[Symbol.asyncIterator]();
  const line: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await chunks.next();
    const end = done ? -1 : value.indexOf(LINE_FEED);
    if (!done) line.push(end < 0 ? value : value.subarray(0, end));
    length += line.at(-1)?.length ?? 0;
    if (length > OPTIONS_LIMIT) throw invalidParameter("the options of the build are too large");
    if (!done && end < 0) continue;
    const options = parseOwnOptions(Buffer.concat(line).toString("utf8"));
    return { options, rest: following(done ? undefined : value.subarray(end + 1), chunks) };
  }
}

async function* following(
  first: Uint8Array | undefined,
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (!first) return;
  if (first.length > 0) yield first;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
}
