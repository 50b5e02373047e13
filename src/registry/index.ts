export { completeRegistryCommand, runRegistryCommand } from "./commands/program.ts";
export { DEFAULTS, parseAddress, type RegistryOptions } from "./config.ts";
