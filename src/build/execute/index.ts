export { type BuildCache, type CachedImage, openBuildCache } from "./cache.ts";
export { CacheMounts } from "./cache-mounts.ts";
export type { Confidential } from "./confidential.ts";
export type { BuildEvent, Emit } from "./events.ts";
export { cloneTree } from "./git-tree.ts";
export { fetchUrl } from "./remote-file.ts";
export { openWorkspace } from "./snapshot.ts";
export { type SolveParts, type SolveRequest, solve } from "./solve.ts";
export { abandoned, trackedLayers } from "./tracked-layers.ts";
