import { invalidParameter } from "../../base/errors.ts";
import { type Platform, parsePlatform } from "../../oci/index.ts";
import { type Dockerfile, didYouMean, type Instruction, type Stage } from "../dockerfile/index.ts";
import { InstructionError } from "../errors.ts";
import { originOf, parseMount } from "./mounts.ts";
import type { GlobalArgs } from "./scope.ts";

/** Where a stage begins. */
export type Base =
  | { readonly kind: "scratch" }
  | { readonly kind: "stage"; readonly index: number }
  | { readonly kind: "image"; readonly reference: string; readonly platform?: Platform };

/** Where files come from that are not in the stage itself. */
export type FileSource =
  | { readonly kind: "context" }
  | { readonly kind: "stage"; readonly index: number }
  | { readonly kind: "image"; readonly reference: string };

export interface PlannedStage {
  readonly index: number;
  readonly stage: Stage;
  readonly base: Base;
  /** Stages it begins from or takes files of; all of them come earlier. */
  readonly dependencies: readonly number[];
}

export interface StageGraph {
  /** What the target needs and nothing else, in the Dockerfile's order. */
  readonly stages: readonly PlannedStage[];
  readonly target: number;
}

export interface GraphOptions {
  /** Name or index of the stage to build; "" is the last one. */
  readonly target: string;
  readonly globals: GlobalArgs;
  /** `--platform` of the request. */
  readonly platform?: Platform;
}

/** Finds the stages a build needs and what they depend on. Throws InstructionError and invalidParameter. */
export function planStages(dockerfile: Dockerfile, options: GraphOptions): StageGraph {
  const target = findTarget(dockerfile, options.target);
  const planned = new Map<number, PlannedStage>();
  const visit = (index: number): void => {
    if (planned.has(index)) return;
    const stage = planStage(dockerfile, index, options);
    planned.set(index, stage);
    stage.dependencies.forEach(visit);
  };
  visit(target);
  return { stages: [...planned.values()].sort((a, b) => a.index - b.index), target };
}

function findTarget({ stages }: Dockerfile, wanted: string): number {
  if (wanted === "") return stages.length - 1;
  const index = stages.findLastIndex(({ from }) => from.name === wanted.toLowerCase());
  if (index >= 0) return index;
  if (/^\d+$/.test(wanted) && Number(wanted) < stages.length) return Number(wanted);
  const names = stages.flatMap(({ from }) => from.name ?? []);
  throw invalidParameter(`target stage "${wanted}" could not be found${didYouMean(wanted, names)}`);
}

function planStage(dockerfile: Dockerfile, index: number, options: GraphOptions): PlannedStage {
  const stage = dockerfile.stages[index]!;
  const base = findBase(dockerfile, stage, options);
  const sources = stage.instructions.flatMap((instruction) => sourcesOf(dockerfile, index, instruction));
  const from = [base, ...sources].flatMap((source) => (source.kind === "stage" ? [source.index] : []));
  return { index, stage, base, dependencies: [...new Set(from)].sort((a, b) => a - b) };
}

function findBase(dockerfile: Dockerfile, { index, from }: Stage, { globals, platform }: GraphOptions): Base {
  const reference = atLine(from, () => globals.expand(from.image));
  if (reference === "") {
    throw new InstructionError(
      `base name (${from.image}) should not be blank: set the ARG it is made of`,
      from.first,
      from.last,
    );
  }
  const stage = stageNamed(dockerfile, reference, index);
  if (stage !== undefined) return { kind: "stage", index: stage };
  if (reference === "scratch") return { kind: "scratch" };
  const own = from.platform === undefined ? "" : atLine(from, () => globals.expand(from.platform!));
  return { kind: "image", reference, platform: own ? atLine(from, () => parsePlatform(own)) : platform };
}

/** The last stage before `before` with that name. */
function stageNamed({ stages }: Dockerfile, name: string, before: number): number | undefined {
  const index = stages.slice(0, before).findLastIndex(({ from }) => from.name === name.toLowerCase());
  return index < 0 ? undefined : index;
}

function atLine<T>({ first, last }: Pick<Instruction, "first" | "last">, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof InstructionError) throw error;
    throw new InstructionError(error instanceof Error ? error.message : String(error), first, last, error);
  }
}

/** Every place besides its base that an instruction takes files from. */
function sourcesOf(dockerfile: Dockerfile, index: number, instruction: Instruction): readonly FileSource[] {
  if (instruction.kind === "COPY" && instruction.from !== undefined) {
    return [atLine(instruction, () => findSource(dockerfile, index, instruction.from))];
  }
  if (instruction.kind !== "RUN") return [];
  return instruction.mounts.map((text) =>
    atLine(instruction, () => findSource(dockerfile, index, originOf(parseMount(text, "/")))),
  );
}

/** What `--from` or a mount's `from` means in stage `index`: an earlier stage by name or number, else an image. */
export function findSource(dockerfile: Dockerfile, index: number, from: string | undefined): FileSource {
  if (from === undefined) return { kind: "context" };
  const named = stageNamed(dockerfile, from, index);
  if (named !== undefined) return { kind: "stage", index: named };
  if (/^\d+$/.test(from)) {
    if (Number(from) < index) return { kind: "stage", index: Number(from) };
    throw invalidParameter(
      Number(from) === index
        ? `invalid from flag value ${from}: refers to current build stage`
        : `invalid from flag value ${from}: there is no earlier build stage of that number`,
    );
  }
  if (dockerfile.stages.slice(index).some((stage) => stage.from.name === from.toLowerCase())) {
    throw invalidParameter(
      `invalid from flag value ${from}: the stage must come before the one that uses it`,
    );
  }
  return { kind: "image", reference: from };
}
