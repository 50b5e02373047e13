import { readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { errnoOf, messageOf } from "../../../base/errors.ts";
import { readRegularFile } from "../../../base/regular-file.ts";
import type { CdiFile } from "./inventory.ts";

/** Of YAML files there is no reader here. */
const YAML_REMEDY = 'only JSON files are read: write it as JSON ("nvidia-ctk cdi generate --format=json")';

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(error) ?? "")) return [];
    throw error;
  }
}

function read(path: string, priority: number): CdiFile {
  if (extname(path) !== ".json") return { path, priority, error: YAML_REMEDY };
  try {
    return { path, priority, text: readRegularFile(path).toString() };
  } catch (error) {
    return { path, priority, error: messageOf(error) };
  }
}

/**
 * The specification files of the folders, those that are there; looked at anew each time, which is when a device is asked
 * for: vendors write them at every boot and driver update.
 */
export function readCdiFiles(folders: readonly string[]): readonly CdiFile[] {
  return folders.flatMap((folder, priority) =>
    namesIn(folder)
      .filter((name) => /\.(json|ya?ml)$/.test(name))
      .map((name) => read(join(folder, name), priority)),
  );
}
