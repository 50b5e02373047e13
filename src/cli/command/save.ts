import { createWriteStream, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ByteStream } from "../../api/client/index.ts";
import { isTerminal, writeAll } from "../tty/style.ts";

/** Bytes into a file, whole or not at all; or onto stdout, unless that is a terminal. */
export async function saveStream(output: string, open: () => Promise<ByteStream>): Promise<void> {
  if (output === "") {
    if (isTerminal(1))
      throw new Error("cowardly refusing to save to a terminal. Use the -o flag or redirect");
    for await (const chunk of await open()) writeAll(1, chunk as Buffer);
    return;
  }
  checkOutput(output);
  const stream = await open();
  const unfinished = join(dirname(output), `.${process.pid}.wharf-unfinished`);
  // A device or pipe is written to as it is; a file appears when it is whole.
  const special = statSync(output, { throwIfNoEntry: false })?.isFile() === false;
  try {
    await pipeline(stream, createWriteStream(special ? output : unfinished, { mode: 0o600 }));
    if (!special) renameSync(unfinished, output);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

export function checkOutput(path: string): void {
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`invalid output path: directory ${JSON.stringify(folder)} does not exist`);
  const known = statSync(path, { throwIfNoEntry: false });
  if (known?.isDirectory())
    throw new Error(`invalid output path: ${JSON.stringify(path)} must be a regular file`);
}
