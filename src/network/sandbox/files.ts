import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../../base/errors.ts";
import type { Sandbox } from "../network.ts";

export const filesIn = (folder: string): Sandbox["files"] => ({
  hosts: join(folder, "hosts"),
  resolvConf: join(folder, "resolv.conf"),
  hostname: join(folder, "hostname"),
});

/** Empty when the host has no such file. */
export function readHostFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return "";
    throw error;
  }
}

export type FileTexts = { readonly [Name in keyof Sandbox["files"]]?: string };

/**
 * Written in place, not replaced: a container that runs has these very inodes mounted. The folder is the engine's, the
 * files' bytes are the container's to change. Small enough for the synchronous calls to be the quicker ones.
 */
export function writeFiles(folder: string, texts: FileTexts): Sandbox["files"] {
  const files = filesIn(folder);
  mkdirSync(folder, { recursive: true, mode: 0o710 });
  for (const [name, text] of Object.entries(texts)) {
    if (text !== undefined) writeFileSync(files[name as keyof Sandbox["files"]], text, { mode: 0o644 });
  }
  return files;
}
