export { injectDevices } from "./inject.ts";
export { type CdiInventory, takeInventory } from "./inventory.ts";
export { readCdiFiles } from "./read-files.ts";
export { requestedDevices } from "./requests.ts";
