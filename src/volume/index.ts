export { openVolumes } from "./local/open.ts";
export { parseMounts } from "./parse/parse-mounts.ts";
export * from "./volume.ts";
