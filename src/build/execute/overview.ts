import { hostPlatform, type Platform } from "../../oci/index.ts";
import { GlobalArgs, planStages, type StageGraph } from "../plan/index.ts";
import type { Emit } from "./events.ts";
import type { SolveRequest } from "./solve.ts";

interface StageSteps {
  readonly stage: number;
  readonly name: string | undefined;
  readonly steps: number;
}

/** What a build is going to do, known before any of it is done. */
export interface Overview {
  /** Of the image, unless a FROM says otherwise. */
  readonly platform: Platform;
  readonly globals: GlobalArgs;
  readonly graph: StageGraph;
  readonly counts: readonly StageSteps[];
  /** Number of a stage's FROM among all steps, from 1. */
  readonly firstNumber: ReadonlyMap<number, number>;
}

/** Throws what is wrong with the stages: see planStages. */
export function planBuild(request: SolveRequest): Overview {
  const { dockerfile, target } = request;
  const platform = request.platform ?? hostPlatform();
  const globals = new GlobalArgs(
    dockerfile.globalArgs,
    request.buildArgs,
    { build: hostPlatform(), target: platform },
    dockerfile.directives.escapeToken,
  );
  const graph = planStages(dockerfile, { target, globals, platform: request.platform });
  const counts = countSteps(graph, request);
  return {
    platform,
    globals,
    graph,
    counts,
    firstNumber: numberSteps(counts, dockerfile.globalArgs.length + 1),
  };
}

/** Tells of the stages to come, and of the arguments before them: those are steps, too, and done with this. */
export function announce({ counts, graph }: Overview, { dockerfile }: SolveRequest, emit: Emit): void {
  const { globalArgs } = dockerfile;
  const first = graph.stages[0]?.index ?? 0;
  emit({ type: "plan", stages: counts, globalSteps: globalArgs.length });
  for (const [index, { text }] of globalArgs.entries())
    emit({ type: "step", stage: first, number: index + 1, title: text });
}

/** After the stages, which declare arguments of their own. */
export function warnOfUnused({ globals }: Overview, emit: Emit): void {
  const unused = globals.unused();
  if (unused.length > 0)
    emit({ type: "warning", text: `One or more build-args [${unused.join(" ")}] were not consumed` });
}

function countSteps({ stages, target }: StageGraph, { labels }: SolveRequest): readonly StageSteps[] {
  return stages.map(({ index, stage }) => {
    const hasLabels = index === target && Object.keys(labels).length > 0;
    const steps = 1 + stage.instructions.length + (hasLabels ? 1 : 0);
    return { stage: index, name: stage.from.name, steps };
  });
}

function numberSteps(counts: readonly StageSteps[], first: number): ReadonlyMap<number, number> {
  let next = first;
  const numbers = new Map<number, number>();
  for (const { stage, steps } of counts) {
    numbers.set(stage, next);
    next += steps;
  }
  return numbers;
}
