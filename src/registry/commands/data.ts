import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { notFound } from "../../base/errors.ts";
import { type AuditEntry, AuditLog } from "../audit/audit.ts";
import { type Metadata, openMetadata } from "../metadata/metadata.ts";

export interface DataFlags {
  readonly data: string;
}

/** The option of all commands that work on a registry's folder. */
export const dataOption = (command: Command): Command =>
  command.requiredOption("--data <folder>", "folder of the registry's data");

/** The metadata of a folder that a registry has used, whether one runs on it or not. Throws notFound. */
export function openExisting({ data }: DataFlags): Metadata & Disposable {
  const path = join(data, "registry.db");
  if (!existsSync(path)) throw notFound(`${data} holds no registry: ${path} is not there`);
  return openOrMake({ data });
}

/** ... or a new one: accounts can be there before the registry serves for the first time. */
export function openOrMake({ data }: DataFlags): Metadata & Disposable {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const metadata = openMetadata(join(data, "registry.db"));
  return { ...metadata, [Symbol.dispose]: () => metadata.database.close() };
}

/** What is done on the machine itself is in the trail too. */
export function recordByHand({ database }: Metadata, action: string, entry: Partial<AuditEntry>): void {
  new AuditLog(database).record({ actor: "console", address: "", ...entry, action });
}

/** A password of stdin (one line), or asked for at a terminal. */
export async function readPassword(fromStdin: boolean): Promise<string> {
  if (!fromStdin && process.stdin.isTTY) return askPassword();
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}

async function askPassword(): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const { Writable } = await import("node:stream");
  // nothing of what is typed is shown
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  // Only now: what is typed at once is not shown either.
  process.stderr.write("Password: ");
  try {
    return await lines.question("");
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
