export { openBuildCache } from "./cache.ts";
export type { BuildEvent, Emit } from "./events.ts";
export { fetchUrl } from "./remote-file.ts";
export { type SolveParts, type SolveRequest, solve } from "./solve.ts";
