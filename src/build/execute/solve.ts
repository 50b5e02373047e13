import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Semaphore } from "../../base/async.ts";
import { invalidParameter } from "../../base/errors.ts";
import { type Digest, formatPlatform, type Platform, platformScore } from "../../oci/index.ts";
import type { SourceTree } from "../context/index.ts";
import type { Dockerfile } from "../dockerfile/index.ts";
import type { BuildArgs, PlannedStage, StageGraph } from "../plan/index.ts";
import type { KnownImage, PullProgress, RunLimits, RunNetwork } from "../ports.ts";
import type { BuildCache } from "./cache.ts";
import type { CacheMounts } from "./cache-mounts.ts";
import { CacheSources } from "./cache-sources.ts";
import type { Confidential } from "./confidential.ts";
import type { Emit } from "./events.ts";
import type { Position } from "./image-after.ts";
import { Intermediates } from "./intermediates.ts";
import { announce, type Overview, planBuild, warnOfUnused } from "./overview.ts";
import { runStages } from "./schedule.ts";
import { StageSolver } from "./stage.ts";
import type { TrackedParts } from "./tracked-layers.ts";

/** What is to be built, whatever face it was asked through. */
export interface SolveRequest {
  readonly dockerfile: Dockerfile;
  readonly context: SourceTree;
  readonly target: string;
  readonly buildArgs: BuildArgs;
  readonly labels: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly network: RunNetwork;
  readonly networkName: string;
  readonly extraHosts: readonly string[];
  /** See StageInput. */
  readonly allowInsecure: boolean;
  readonly limits: RunLimits;
  /** See CacheSources; empty: whatever earlier builds left. */
  readonly cacheFrom: readonly string[];
  /** See ObtainOptions. */
  readonly auth: string | undefined;
  readonly confidential: Confidential;
  /** SOURCE_DATE_EPOCH: no time in the image is later, in seconds since the epoch. */
  readonly epoch?: number;
  /** Say of each step that runs why it was not in the cache. */
  readonly explain: boolean;
  /** The containers of commands stay, also those of a build that fails. */
  readonly keepsContainers: boolean;
}

export interface SolveParts {
  readonly parts: TrackedParts;
  readonly cache: BuildCache;
  /** A folder of this build's own, deleted after it. */
  readonly scratch: string;
  readonly emit: Emit;
  readonly cacheMounts: CacheMounts;
}

/** What a build has made. */
export interface Solved {
  /** The target's image. */
  readonly id: Digest;
  /** Images of other stages that no other stage goes on from: with the target's they hold every step. */
  readonly stages: readonly Digest[];
}

/** Everything the stages of one build share. */
export interface Build extends SolveParts, Overview {
  readonly request: SolveRequest;
  /** The only images whose steps may be reused, where the request names some. */
  readonly cacheSources: CacheSources | undefined;
  /** Limits how many steps do their work at once. */
  readonly workers: Semaphore;
  /** Steps begun, by key: what is the same in stages side by side is done once, and fails once. */
  readonly steps: Map<string, Promise<Position>>;
  readonly intermediates: Intermediates;
  readonly stageResult: (index: number) => Position;
  readonly obtain: (
    reference: string,
    platform: Platform | undefined,
    by: { readonly stage: number; readonly signal: AbortSignal },
  ) => Promise<KnownImage>;
}

/**
 * Builds the target: only the stages it needs, side by side where they do not need each other, every step only when
 * the cache does not know its result. Failed and cancelled builds leave no snapshot, no mount
 * and no container; finished steps stay in the cache.
 */
export async function solve(
  request: SolveRequest,
  solveParts: SolveParts,
  signal: AbortSignal,
): Promise<Solved> {
  const overview = planBuild(request);
  const { graph } = overview;
  announce(overview, request, solveParts.emit);
  const finished = new Map<number, Position>();
  await using intermediates = new Intermediates(solveParts.parts);
  const build = prepare(request, solveParts, { overview, intermediates, finished });
  try {
    await runStages(
      graph.stages,
      async (planned, stop) => void finished.set(planned.index, await buildStage(build, planned, stop)),
      signal,
    );
  } finally {
    if (!signal.aborted) await intermediates.keep();
  }
  warnOfUnused(overview, solveParts.emit);
  const id = finished.get(graph.target)?.id;
  if (!id) throw invalidParameter("No image was generated. Is your Dockerfile empty?");
  return { id, stages: tipsOf(graph, finished) };
}

interface Progress {
  readonly overview: Overview;
  readonly intermediates: Intermediates;
  /** Results of the stages that are done. */
  readonly finished: ReadonlyMap<number, Position>;
}

function prepare(
  request: SolveRequest,
  solveParts: SolveParts,
  { overview, intermediates, finished }: Progress,
): Build {
  const { cacheFrom } = request;
  return {
    ...solveParts,
    ...overview,
    request,
    intermediates,
    workers: new Semaphore(Math.max(2, availableParallelism())),
    steps: new Map(),
    stageResult: (index) => finished.get(index)!,
    obtain: rememberImages(solveParts, request),
    cacheSources: cacheFrom.length > 0 ? new CacheSources(solveParts.parts.images, cacheFrom) : undefined,
  };
}

async function buildStage(build: Build, planned: PlannedStage, stop: AbortSignal): Promise<Position> {
  const folder = join(build.scratch, String(planned.index));
  const result = await new StageSolver(build, planned, folder, stop).run();
  build.emit({ type: "stageDone", stage: planned.index, id: result.id });
  return result;
}

/** Images of stages with steps of their own, but for the target's and those another such stage goes on from. */
function tipsOf({ stages, target }: StageGraph, finished: ReadonlyMap<number, Position>): readonly Digest[] {
  const idOf = (index: number) => finished.get(index)?.id;
  const withSteps = stages.filter(({ stage }) => stage.instructions.length > 0);
  const covered = new Set([
    idOf(target),
    ...withSteps.map(({ base }) => (base.kind === "stage" ? idOf(base.index) : undefined)),
  ]);
  const tips = withSteps.flatMap(({ index }) => idOf(index) ?? []).filter((id) => !covered.has(id));
  return [...new Set(tips)];
}

/** Asks for each image once in a build, so that all stages see the same one. */
function rememberImages({ parts, emit }: SolveParts, { pull, auth }: SolveRequest): Build["obtain"] {
  const known = new Map<string, Promise<KnownImage>>();
  return (reference, platform, { stage, signal }) => {
    const key = `${reference} ${platform ? formatPlatform(platform) : ""}`;
    const onProgress = (progress: PullProgress) => void emit({ type: "pull", stage, progress });
    const image =
      known.get(key) ??
      parts.images
        .obtain(reference, { platform, pull, auth, onProgress, signal })
        .then((found) => checkPlatform(reference, found, platform));
    known.set(key, image);
    return image;
  };
}

function checkPlatform(reference: string, image: KnownImage, wanted: Platform | undefined): KnownImage {
  if (!wanted || platformScore(wanted, image.config) > 0) return image;
  throw invalidParameter(
    `image with reference ${reference} was found but does not match the specified platform: wanted ${formatPlatform(wanted)}, actual: ${formatPlatform(image.config)}`,
  );
}
