import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type ConfigFile, configPath, readConfig } from "./file.ts";

/** Changes config.json, as docker writes it: what is not known here stays, and a reader never sees half of it. */
export function changeConfig(folder: string, change: (config: ConfigFile) => ConfigFile): void {
  const path = realPath(configPath(folder));
  const config = change(
    readConfig(folder, (text) => {
      // Writing over what could not be read would lose it.
      throw new Error(text);
    }),
  );
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  try {
    writeFileSync(unfinished, JSON.stringify({ auths: {}, ...config }, undefined, "\t"), { mode: 0o600 });
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** A link is written through, not replaced. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
