import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { cancelled, invalidParameter } from "../base/errors.ts";
import { familiarName, parsePlatform, parseReference } from "../oci/index.ts";
import { parseDockerfile } from "./dockerfile/index.ts";
import { withLines } from "./errors.ts";
import {
  type Emit,
  type KeptContexts,
  type Solved,
  type SolveParts,
  type SolveRequest,
  solve,
} from "./execute/index.ts";
import type { BuildInput } from "./input.ts";

/** What all builds of an engine share, whatever face they were asked through. */
export interface Workshop extends Pick<SolveParts, "parts" | "cache" | "cacheMounts"> {
  /** Folder in which each build has one of its own. */
  readonly builds: string;
  readonly contexts: KeptContexts;
}

/** Runs the body with a folder of its own, deleted after it. What fails after the signal is `cancelled`. */
export async function withScratch<T>(
  { builds, parts }: Workshop,
  signal: AbortSignal,
  body: (scratch: string) => Promise<T>,
): Promise<T> {
  const scratch = await mkdtemp(join(builds, "build-"));
  try {
    return await body(scratch);
  } catch (error) {
    if (signal.aborted) throw cancelled("the build was cancelled", error);
    throw error;
  } finally {
    parts.layers.discard(scratch); // commands may have written to it
  }
}

/** Everything about a build that is no file: SolveRequest as a face gets it, platform and network as texts. */
export interface Wishes
  extends Omit<SolveRequest, "dockerfile" | "context" | "platform" | "network" | "networkName"> {
  readonly platform: string;
  /** "default", "none", "host", or anything else the engine knows; "" means "default". */
  readonly networkMode: string;
}

/** Reads the Dockerfile and builds. Mistakes in it are shown with their lines. Throws EngineErrors. */
export async function solveInput(
  { parts, cache, cacheMounts }: Workshop,
  wishes: Wishes,
  { context, dockerfile: { name, text } }: BuildInput,
  run: { readonly scratch: string; readonly signal: AbortSignal; readonly emit: Emit },
): Promise<Solved> {
  const { scratch, signal, emit } = run;
  try {
    const request: SolveRequest = {
      ...wishes,
      ...networkOf(wishes.networkMode),
      platform: wishes.platform ? parsePlatform(wishes.platform) : undefined,
      dockerfile: parseDockerfile(text, name),
      context,
    };
    const solved = await solve(request, { parts, cache, cacheMounts, scratch, emit }, signal);
    cache.saveResult(solved.id);
    return solved;
  } catch (error) {
    throw withLines(error, name, text);
  }
}

/** Mistakes in what does not need the context, before any of it is read. */
export function checkWishes(wishes: {
  readonly tags: readonly string[];
  readonly platform: string;
}): readonly string[] {
  if (wishes.platform.includes(","))
    throw invalidParameter(
      `a build makes an image of one platform, not of ${wishes.platform}: build once for each, with a name for each`,
    );
  if (wishes.platform) parsePlatform(wishes.platform);
  return [...new Set(wishes.tags.map((tag) => familiarName(parseReference(tag))))];
}

function networkOf(mode: string): Pick<SolveRequest, "network" | "networkName"> {
  if (mode === "none" || mode === "host") return { network: mode, networkName: "" };
  return { network: "default", networkName: mode === "default" ? "" : mode };
}
