import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemError } from "../../../base/errors.ts";

/** Deletes a folder and all below it, but nothing if another filesystem is mounted anywhere inside. */
export function deleteFolder(folder: string): undefined {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat) return undefined;
  refuseMounts(folder, stat.dev);
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}

function refuseMounts(folder: string, device: number): void {
  const waiting = [folder];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (lstatSync(path).dev !== device)
      throw systemError(`will not delete ${folder}: another filesystem is mounted on ${path}`);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) waiting.push(join(path, entry.name));
    }
  }
}
