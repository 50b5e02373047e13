export { type ClassicBuilder, createBuilder } from "./classic/builder.ts";
export type { BuildLine, BuildRequest } from "./classic/request.ts";
export { CommandFailed } from "./errors.ts";
export { applyChanges } from "./plan/apply-changes.ts";
export type * from "./ports.ts";
