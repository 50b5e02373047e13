import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
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

const linesOf = (text: string): readonly string[] => text.replace(/\n$/, "").split("\n");

/** Bytes up to which a file is edited. Containers write into theirs, and one `truncate` makes a terabyte. */
const LONGEST = 1024 * 1024;

/** Undefined for a file that is longer; empty when there is none. */
function readOwnFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return "";
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    if (size > LONGEST) return undefined;
    // Not to the file's end, which a container may move meanwhile.
    const bytes = Buffer.alloc(size);
    return bytes.toString("utf8", 0, readSync(file, bytes, 0, size, 0));
  } finally {
    closeSync(file);
  }
}

function rewrite(path: string, edit: (text: string) => string): void {
  const text = readOwnFile(path);
  if (text === undefined) return;
  const edited = edit(text);
  if (edited !== text) writeFileSync(path, edited);
}

/** Takes the lines `isGone` knows out of hosts and adds others behind what is there; all else stays, all of a file over 1 MiB. */
export function editHosts(folder: string, isGone: (line: string) => boolean, added: readonly string[]): void {
  rewrite(filesIn(folder).hosts, (text) => {
    const kept = linesOf(text).filter((line) => !isGone(line));
    // What an engine that died had added already is not added twice.
    const missing = added.filter((line) => !kept.includes(line));
    return [...kept, ...missing].map((line) => `${line}\n`).join("");
  });
}

/** Changes files that were written from `before` so that they say what `after` says. */
export function changeFiles(folder: string, before: Required<FileTexts>, after: Required<FileTexts>): void {
  const [old, wanted] = [new Set(linesOf(before.hosts)), new Set(linesOf(after.hosts))];
  const added = [...wanted].filter((line) => !old.has(line));
  editHosts(folder, (line) => old.has(line) && !wanted.has(line), added);
  rewrite(filesIn(folder).resolvConf, (text) => (text === before.resolvConf ? after.resolvConf : text));
}
