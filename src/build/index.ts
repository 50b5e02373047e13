export { type Builder, createBuilder, type PruneRequest } from "./builder.ts";
export type { BuildLine, BuildRequest } from "./classic/request.ts";
export { CommandFailed } from "./errors.ts";
export type { OwnBuildLine, OwnBuildRequest } from "./own/request.ts";
export { applyChanges } from "./plan/apply-changes.ts";
export type * from "./ports.ts";
export type { CacheEntry, Pruned } from "./prune.ts";
