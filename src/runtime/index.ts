export { exitCodeOfFailure } from "./oci/failure.ts";
export { openRuntime, type RuntimeOptions } from "./open.ts";
export * from "./runtime.ts";
export { buildSpec } from "./spec/build.ts";
export { ALL_CAPABILITIES, capabilities } from "./spec/capabilities.ts";
export {
  type CdiInventory,
  injectDevices,
  readCdiFiles,
  requestedDevices,
  takeInventory,
} from "./spec/cdi/index.ts";
export { deviceLookup } from "./spec/device-lookup.ts";
export type { DeviceLookup } from "./spec/devices.ts";
export * from "./spec/input.ts";
export type { OciProcess, OciSpec } from "./spec/oci-spec.ts";
export { protectedPaths } from "./spec/paths.ts";
export { ULIMIT_NAMES } from "./spec/rlimits.ts";
export { securityOptions } from "./spec/security-options.ts";
