import { mkdirSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { cancelled } from "../../base/errors.ts";
import { shortId } from "../../base/ids.ts";
import { hexOf, parsePlatform } from "../../oci/index.ts";
import { parseDockerfile } from "../dockerfile/index.ts";
import { withLines } from "../errors.ts";
import { type BuildCache, openBuildCache, type SolveRequest, solve } from "../execute/index.ts";
import type { BuilderParts } from "../ports.ts";
import { Channel } from "./channel.ts";
import { type BuildInput, readInput } from "./context.ts";
import { ClassicRenderer } from "./render.ts";
import type { BuildLine, BuildRequest } from "./request.ts";

/** The builder behind `POST /build`. */
export interface ClassicBuilder {
  /**
   * Builds and yields the lines of the classic stream. Throws EngineErrors: bad input with the lines concerned,
   * CommandFailed with the exit code. Ending the iteration early cancels the build, and waits until it is undone.
   */
  build(request: BuildRequest, signal: AbortSignal): AsyncIterable<BuildLine>;
}

/** Makes the builder; what an earlier process left in its folder is deleted. */
export function createBuilder(parts: BuilderParts): ClassicBuilder {
  const builds = join(parts.root, "builds");
  rmSync(builds, { recursive: true, force: true });
  mkdirSync(builds, { recursive: true, mode: 0o700 });
  const cache = openBuildCache(parts.database);
  return { build: (request, signal) => run(parts, cache, builds, request, signal) };
}

async function* run(
  parts: BuilderParts,
  cache: BuildCache,
  builds: string,
  request: BuildRequest,
  signal: AbortSignal,
): AsyncGenerator<BuildLine> {
  const stop = new AbortController();
  const channel = new Channel<BuildLine>();
  const both = AbortSignal.any([signal, stop.signal]);
  const work = buildOnce(parts, cache, builds, request, both, (line) => channel.push(line)).finally(() =>
    channel.end(),
  );
  // Whoever reads the lines gets the failure after the last of them; until then nobody waits for it.
  work.catch(() => undefined);
  try {
    yield* channel.read();
  } finally {
    stop.abort();
    await work.catch(() => undefined);
  }
  await work;
}

async function buildOnce(
  parts: BuilderParts,
  cache: BuildCache,
  builds: string,
  request: BuildRequest,
  signal: AbortSignal,
  write: (line: BuildLine) => void,
): Promise<void> {
  const scratch = await mkdtemp(join(builds, "build-"));
  const renderer = new ClassicRenderer(request.quiet ? () => undefined : write);
  try {
    const input = await readInput(request, scratch, signal);
    const id = await solveInput(parts, cache, request, input, scratch, signal, renderer);
    write({ aux: { ID: id } });
    for (const tag of request.tags) parts.images.tag(id, tag);
    if (request.quiet) write({ stream: `${id}\n` });
    else write({ stream: `Successfully built ${shortId(hexOf(id))}\n` });
    if (!request.quiet)
      for (const tag of request.tags) write({ stream: `Successfully tagged ${withTag(tag)}\n` });
  } catch (error) {
    if (signal.aborted) throw cancelled("the build was cancelled", error);
    throw error;
  } finally {
    renderer.flush();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function solveInput(
  parts: BuilderParts,
  cache: BuildCache,
  request: BuildRequest,
  { context, dockerfile }: BuildInput,
  scratch: string,
  signal: AbortSignal,
  renderer: ClassicRenderer,
) {
  const { name, text } = dockerfile;
  try {
    const solveRequest: SolveRequest = {
      ...request,
      ...networkOf(request.networkMode),
      dockerfile: parseDockerfile(text, name),
      context,
      platform: request.platform ? parsePlatform(request.platform) : undefined,
      limits: request,
    };
    return await solve(
      solveRequest,
      { parts, cache, scratch, emit: (event) => renderer.handle(event) },
      signal,
    );
  } catch (error) {
    throw withLines(error, name, text);
  }
}

function networkOf(mode: string): Pick<SolveRequest, "network" | "networkName"> {
  if (mode === "none" || mode === "host") return { network: mode, networkName: "" };
  return { network: "default", networkName: mode === "default" ? "" : mode };
}

const withTag = (reference: string): string =>
  /:[\w][\w.-]*$/.test(reference) ? reference : `${reference}:latest`;
