export { openVolumes } from "./open.ts";
export { parseMounts } from "./parse/parse-mounts.ts";
export { parseVolumesFrom } from "./parse/volumes-from.ts";
export * from "./volume.ts";
