import { mkdirSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { KeyedQueue } from "../../base/async.ts";
import { cancelled } from "../../base/errors.ts";
import { shortId } from "../../base/ids.ts";
import { type Digest, familiarName, hexOf, parsePlatform, parseReference } from "../../oci/index.ts";
import { parseDockerfile } from "../dockerfile/index.ts";
import { withLines } from "../errors.ts";
import { type Emit, openBuildCache, type SolveParts, type SolveRequest, solve } from "../execute/index.ts";
import type { BuilderParts } from "../ports.ts";
import { Channel } from "./channel.ts";
import { readInput } from "./context.ts";
import { ClassicRenderer, type Write } from "./render.ts";
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
  const engine: Engine = {
    parts,
    builds,
    cache: openBuildCache(parts.database),
    cacheUsers: new KeyedQueue(),
  };
  return { build: (request, signal) => run(engine, request, signal) };
}

/** What all builds share. */
interface Engine extends Pick<SolveParts, "parts" | "cache" | "cacheUsers"> {
  /** Folder in which each build has one of its own. */
  readonly builds: string;
}

async function* run(engine: Engine, request: BuildRequest, signal: AbortSignal): AsyncGenerator<BuildLine> {
  const stop = new AbortController();
  const channel = new Channel<BuildLine>();
  const both = AbortSignal.any([signal, stop.signal]);
  const work = buildOnce(engine, request, both, (line) => channel.push(line)).finally(() => channel.end());
  // Whoever reads the lines gets the failure after the last of them; until then nobody waits for it.
  work.catch(() => undefined);
  try {
    yield* channel.read();
  } finally {
    stop.abort();
    channel.end();
    await work.catch(() => undefined);
  }
  await work;
}

async function buildOnce(
  engine: Engine,
  request: BuildRequest,
  signal: AbortSignal,
  write: Write,
): Promise<void> {
  const tags = request.tags.map((tag) => familiarName(parseReference(tag)));
  const scratch = await mkdtemp(join(engine.builds, "build-"));
  const renderer = new ClassicRenderer(request.quiet ? () => undefined : write);
  try {
    const id = await solveRequest(engine, request, scratch, signal, renderer);
    write({ aux: { ID: id } });
    for (const tag of tags) engine.parts.images.tag(id, tag);
    if (request.quiet) write({ stream: `${id}\n` });
    else write({ stream: `Successfully built ${shortId(hexOf(id))}\n` });
    if (!request.quiet) for (const tag of tags) write({ stream: `Successfully tagged ${tag}\n` });
  } catch (error) {
    if (signal.aborted) throw cancelled("the build was cancelled", error);
    throw error;
  } finally {
    renderer.flush();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function solveRequest(
  { parts, cache, cacheUsers }: Engine,
  request: BuildRequest,
  scratch: string,
  signal: AbortSignal,
  renderer: ClassicRenderer,
): Promise<Digest> {
  const { context, dockerfile } = await readInput(request, scratch, signal);
  const { name, text } = dockerfile;
  try {
    const what: SolveRequest = {
      ...request,
      ...networkOf(request.networkMode),
      dockerfile: parseDockerfile(text, name),
      context,
      platform: request.platform ? parsePlatform(request.platform) : undefined,
      limits: request,
    };
    const emit: Emit = (event) => renderer.handle(event);
    return await solve(what, { parts, cache, cacheUsers, scratch, emit }, signal);
  } catch (error) {
    throw withLines(error, name, text);
  }
}

function networkOf(mode: string): Pick<SolveRequest, "network" | "networkName"> {
  if (mode === "none" || mode === "host") return { network: mode, networkName: "" };
  return { network: "default", networkName: mode === "default" ? "" : mode };
}
