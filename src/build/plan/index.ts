export { layerKey, linkKey, stepKey } from "./cache-key.ts";
export { type Base, type FileSource, type PlannedStage, planStages, type StageGraph } from "./graph.ts";
export type { Mount } from "./mounts.ts";
export { type BuildArgs, GlobalArgs, type Platforms } from "./scope.ts";
export type * from "./step.ts";
export { isUrl, planSteps, type StageSteps } from "./steps.ts";
