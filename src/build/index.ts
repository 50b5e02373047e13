export { type ClassicBuilder, createBuilder } from "./classic/builder.ts";
export type { BuildLine, BuildRequest } from "./classic/request.ts";
export { CommandFailed } from "./errors.ts";
export type * from "./ports.ts";
