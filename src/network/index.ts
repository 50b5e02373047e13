export * from "./network.ts";
export { openNetworks } from "./open.ts";
