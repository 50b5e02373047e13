export * from "./runtime.ts";
export { openRuntime } from "./open.ts";
export * from "./spec/input.ts";
export type { OciSpec } from "./spec/oci-spec.ts";
export { buildSpec } from "./spec/build.ts";
