export { PluginError } from "./errors.ts";
export { openPlugins } from "./open.ts";
export * from "./plugin.ts";
