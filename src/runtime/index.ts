export { exitCodeOfFailure } from "./oci/failure.ts";
export { openRuntime, type RuntimeOptions } from "./open.ts";
export * from "./runtime.ts";
export { buildSpec } from "./spec/build.ts";
export { deviceLookup } from "./spec/device-lookup.ts";
export type { DeviceLookup } from "./spec/devices.ts";
export * from "./spec/input.ts";
export type { OciProcess, OciSpec } from "./spec/oci-spec.ts";
export { protectedPaths } from "./spec/paths.ts";
