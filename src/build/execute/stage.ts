import { join } from "node:path";
import { EngineError, messageOf } from "../../base/errors.ts";
import { chainIdAbove, type HistoryEntry, type Platform } from "../../oci/index.ts";
import { CommandFailed, InstructionError } from "../errors.ts";
import {
  type FileSource,
  layerKey,
  linkKey,
  type PlannedStage,
  planSteps,
  type RunAction,
  type Step,
  stepKey,
} from "../plan/index.ts";
import type { BuiltLayer } from "../ports.ts";
import type { CacheRecord } from "./cache.ts";
import { clampTimes } from "./clamp-times.ts";
import { writeContext } from "./context-folder.ts";
import { differences, placeOf, recipeOf } from "./explain.ts";
import { configAfter, createdBy, emptyPosition, type Position, parentOf } from "./image-after.ts";
import { type ImageInput, type InputParts, type Inputs, inputsOf } from "./inputs.ts";
import { isLinked, withOwnerIds } from "./link.ts";
import { RootFolder } from "./root-folder.ts";
import { RootWriter } from "./root-writer.ts";
import { runCommand } from "./run.ts";
import { commitWorkspace, openWorkspace, type Workspace } from "./snapshot.ts";
import type { Build } from "./solve.ts";
import { checksumOfSources, type Source } from "./sources.ts";
import { transfer } from "./transfer.ts";

/** Digest of a layer without entries (a tar of two zero blocks): such a layer is left out of the image. */
const EMPTY_LAYER = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

/** Carries out one stage, step by step. */
export class StageSolver {
  readonly #build: Build;
  readonly #planned: PlannedStage;
  readonly #scratch: string;
  readonly #signal: AbortSignal;

  constructor(build: Build, planned: PlannedStage, scratch: string, signal: AbortSignal) {
    this.#build = build;
    this.#planned = planned;
    this.#scratch = scratch;
    this.#signal = signal;
  }

  async run(): Promise<Position> {
    const { emit, firstNumber, request, globals, graph } = this.#build;
    const stage = this.#planned.index;
    let number = firstNumber.get(stage) ?? 1;
    emit({ type: "step", stage, number, title: this.#planned.stage.from.text });
    let position = await this.#base();
    emit({ type: "image", stage, id: position.id });
    const { steps, triggers } = planSteps({
      dockerfile: request.dockerfile,
      globals,
      planned: this.#planned,
      base: position.config.config ?? {},
      labels: stage === graph.target ? request.labels : {},
      defaultNetwork: request.network,
      allowInsecure: request.allowInsecure,
    });
    if (triggers > 0) emit({ type: "triggers", stage, count: triggers });
    for (const step of steps) {
      this.#signal.throwIfAborted();
      if (!step.isTrigger) emit({ type: "step", stage, number: ++number, title: step.title });
      position = await this.#guarded(step, position);
    }
    return position;
  }

  async #base(): Promise<Position> {
    const { base } = this.#planned;
    if (base.kind === "scratch") return emptyPosition(this.#build.platform);
    if (base.kind === "stage") return this.#build.stageResult(base.index);
    return this.#obtain(base.reference, base.platform);
  }

  #obtain(reference: string, platform: Platform | undefined) {
    return this.#build.obtain(reference, platform, { stage: this.#planned.index, signal: this.#signal });
  }

  /** Bad input found while a step works points at its lines; a failed command and the engine's own errors do not. */
  async #guarded(step: Step, position: Position): Promise<Position> {
    try {
      return await this.#step(step, position);
    } catch (error) {
      this.#signal.throwIfAborted();
      const isInput =
        error instanceof EngineError &&
        error.kind === "invalidParameter" &&
        !(error instanceof InstructionError);
      throw isInput ? new InstructionError(messageOf(error), step.first, step.last, error) : error;
    }
  }

  /** What another stage of this build has begun already is waited for, not done again. */
  async #step(step: Step, before: Position): Promise<Position> {
    const { request, steps, emit } = this.#build;
    const inputs = await inputsOf(step, this.#inputParts());
    const key = stepKey(parentOf(before), step, this.#withEpoch(inputs.cheap));
    const same = request.noCache ? undefined : steps.get(key);
    if (!same) {
      const result = this.#findOrMake(key, step, before, inputs);
      steps.set(key, result);
      return result;
    }
    const after = await same;
    const stage = this.#planned.index;
    emit({ type: "cached", stage });
    emit({ type: "image", stage, id: after.id });
    return after;
  }

  async #findOrMake(key: string, step: Step, before: Position, inputs: Inputs): Promise<Position> {
    const { cache, emit } = this.#build;
    const stage = this.#planned.index;
    const known = this.#known(key);
    const cached = known && this.#build.parts.images.get(known.image);
    if (cached) {
      emit({ type: "cached", stage });
      emit({ type: "image", stage, id: cached.id });
      return cached;
    }
    this.#explain(step, before, inputs);
    const after =
      step.action.kind === "metadata"
        ? ((await this.#restored(step, before, "")) ?? (await this.#save(step, before, undefined, "")))
        : await this.#change(step, before, inputs);
    cache.save(key, { image: after.id }, step.title);
    emit({ type: "image", stage, id: after.id });
    return after;
  }

  /** Remembers what the step is made of, and tells what is different from the last time. */
  #explain(step: Step, before: Position, inputs: Inputs): void {
    const { cache, request, emit, cacheSources } = this.#build;
    const { stage, index } = this.#planned;
    const place = placeOf(index, stage.from.text, step);
    const recipe = recipeOf(parentOf(before), step, inputs);
    if (request.explain) {
      const changes = differences(cache.recipes.find(place), recipe);
      const other = request.noCache
        ? ["the cache is not to be used"]
        : [cacheSources ? "none of the images named as cache has it" : "its earlier result is gone"];
      const reasons = request.noCache || changes.length === 0 ? other : changes;
      emit({ type: "missed", stage: index, reasons });
    }
    cache.recipes.save(place, recipe);
  }

  /** What an earlier build left under a key, unless this one must not use it. */
  #known(key: string): CacheRecord | undefined {
    const { cache, request, cacheSources } = this.#build;
    if (request.noCache) return undefined;
    const known = cache.find(key);
    return known && (!cacheSources || cacheSources.allows(known.image)) ? known : undefined;
  }

  /** The step as an image that the request names as a cache has it. */
  async #restored(step: Step, before: Position, files: string) {
    const { request, cacheSources, emit } = this.#build;
    const found = request.noCache ? undefined : cacheSources?.find(before, createdBy(step, files));
    if (!found) return undefined;
    emit({ type: "cached", stage: this.#planned.index });
    return this.#save(step, before, found.layer, files, found.entry);
  }

  /** A step that changes files: its layer may be known although the images around it are new. */
  async #change(written: Step, before: Position, inputs: Inputs) {
    const { cache, parts, emit, workers } = this.#build;
    await using keep = new AsyncDisposableStack();
    const step = await withOwnerIds(parts, written, before);
    const sources = await inputs.sources(keep);
    const sum = step.action.kind === "transfer" ? await checksumOfSources(sources, step.action) : undefined;
    const files = sum === undefined ? "" : describeFiles(sources, sum);
    const content = this.#withEpoch(sum === undefined ? inputs.cheap : [sum]);
    const linked = isLinked(step);
    const key = linked ? linkKey(step, content) : layerKey(before.chainId, step, content);
    const known = this.#known(key);
    if (known && parts.images.get(known.image)) {
      emit({ type: "cached", stage: this.#planned.index });
      return this.#save(step, before, linked ? await this.#rebased(known.layer, before) : known.layer, files);
    }
    const restored = await this.#restored(step, before, files);
    if (restored) return restored;
    // Awaited here: what was opened for the sources is closed when this function ends.
    return await workers.run(async () => {
      this.#signal.throwIfAborted();
      await using work = await openWorkspace(parts.layers, linked ? undefined : before.chainId, {
        isLasting: this.#build.request.keepsContainers && step.action.kind === "run",
      });
      await this.#work(step, before, work, sources);
      const layer = await this.#commit(work, before);
      // The image is made while the snapshot still holds the layer, so that nobody can take it for unused.
      const after = await this.#save(step, before, layer, files);
      const record: CacheRecord = { image: after.id, layer };
      cache.save(key, record, step.title);
      return after;
    });
  }

  /** Undefined when nothing has changed. */
  async #commit(work: Workspace, { chainId }: Position): Promise<BuiltLayer | undefined> {
    const { parts, request } = this.#build;
    const { epoch } = request;
    const finish = () => {
      if (epoch !== undefined) clampTimes(parts.files, work.upper, epoch);
    };
    const built = await commitWorkspace(parts.layers, work, { onto: chainId, signal: this.#signal, finish });
    return built.diffId === EMPTY_LAYER ? undefined : built;
  }

  /** A layer that depends on nothing below it, put onto what is there now. */
  async #rebased(layer: BuiltLayer | undefined, { chainId }: Position): Promise<BuiltLayer | undefined> {
    if (!layer || layer.chainId === chainIdAbove(chainId, layer.diffId)) return layer;
    return this.#build.parts.layers.rebase(layer.chainId, chainId, this.#signal);
  }

  /** Times are part of what a reproducible build makes. */
  #withEpoch(inputs: readonly string[]): readonly string[] {
    const { epoch } = this.#build.request;
    return epoch === undefined ? inputs : [...inputs, `epoch ${epoch}`];
  }

  async #work(
    { action }: Step,
    before: Position,
    work: Workspace,
    sources: readonly Source[],
  ): Promise<void> {
    const { parts } = this.#build;
    if (action.kind === "run") return this.#command(action, before, work);
    using root = new RootFolder(parts.files, work.rootfs);
    const writer = new RootWriter(root);
    if (action.kind === "workdir") writer.makeFolders(action.path);
    if (action.kind === "transfer")
      await transfer(action, sources, { writer, scratch: this.#scratch, signal: this.#signal });
  }

  async #command(action: RunAction, { id: image }: Position, work: Workspace): Promise<void> {
    const { parts, request, emit, cacheMounts, intermediates } = this.#build;
    const ended = await runCommand(parts, action, {
      stage: this.#planned.index,
      container: work.id,
      rootfs: work.rootfs,
      limits: request.limits,
      networkName: request.networkName,
      extraHosts: request.extraHosts,
      scratch: this.#scratch,
      signal: this.#signal,
      emit,
      cacheMounts,
      confidential: request.confidential,
      sourceFolder: (source, keep) => this.#sourceFolder(source, keep),
    });
    if (request.keepsContainers) intermediates.add({ ...ended, image, labels: request.labels }, work);
    if (ended.exitCode !== 0) throw new CommandFailed(action.args.join(" "), ended.exitCode);
  }

  async #save(
    step: Step,
    before: Position,
    layer: BuiltLayer | undefined,
    files: string,
    known?: HistoryEntry,
  ) {
    const { epoch } = this.#build.request;
    const now = new Date(epoch === undefined ? Date.now() : epoch * 1000).toISOString();
    const config = configAfter(
      before.config,
      step,
      layer,
      known ?? { created: now, created_by: createdBy(step, files) },
    );
    const id = await this.#build.parts.images.create({ config, parent: before.id });
    if (layer) this.#build.parts.images.announce(id);
    return { id, config, chainId: layer?.chainId ?? before.chainId };
  }

  #inputParts(): InputParts {
    const { parts, request } = this.#build;
    return {
      parts,
      context: request.context,
      imageOf: (source) => this.#imageOf(source),
      confidential: request.confidential,
      scratch: this.#scratch,
      signal: this.#signal,
    };
  }

  async #imageOf(source: Exclude<FileSource, { readonly kind: "context" }>): Promise<ImageInput> {
    if (source.kind === "stage") return this.#build.stageResult(source.index);
    try {
      return await this.#obtain(source.reference, undefined);
    } catch (error) {
      if (this.#signal.aborted || !(error instanceof EngineError)) throw error;
      const message = `invalid from flag value ${source.reference}: ${error.message}`;
      throw new EngineError(error.kind, message, { cause: error });
    }
  }

  async #sourceFolder(source: FileSource, keep: AsyncDisposableStack): Promise<string> {
    const { parts, request } = this.#build;
    if (source.kind !== "context") {
      const { chainId } = await this.#imageOf(source);
      return keep.use(await openWorkspace(parts.layers, chainId)).rootfs;
    }
    return writeContext(parts.files, request.context, {
      folder: join(this.#scratch, "context"),
      scratch: this.#scratch,
      signal: this.#signal,
    });
  }
}

/** "file:<sum>", "dir:<sum>" or "multi:<sum>": what a history entry says of the files. */
function describeFiles(sources: readonly Source[], sum: string): string {
  const [only] = sources;
  const kind = sources.length !== 1 ? "multi" : only?.node.type === "directory" ? "dir" : "file";
  return `${kind}:${sum}`;
}
