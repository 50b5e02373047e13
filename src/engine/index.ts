export type * from "./containers/documents.ts";
export type { EndedRun } from "./containers/take-over.ts";
export { type ResolvedUser, resolveUser } from "./containers/user.ts";
export { createEngine, type EngineRoom } from "./engine.ts";
export type * from "./ports.ts";
export type * from "./views.ts";
