import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Deletes the files of commands an engine was killed over: secrets may be among them. In memory, so a small job. */
export function forgetCommands(execRoot: string): void {
  rmSync(join(execRoot, "build"), { recursive: true, force: true });
}

/** Whether an engine that was killed may have left something of a build on disk. */
export function leftBuilds(dataRoot: string): boolean {
  try {
    return readdirSync(join(dataRoot, "build/builds")).length > 0;
  } catch {
    return false;
  }
}
