import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Unpacks a tar into a folder, owners as the caller may set them. tar(1) does it: it keeps within the folder. */
export async function unpackTo(folder: string, tar: Readable): Promise<void> {
  const child = spawn("tar", ["-x", "-f", "-", "-C", folder, "--no-same-owner"], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += data;
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject).on("close", resolve);
  const [code] = await Promise.all([ended, pipeline(tar, child.stdin).catch(() => undefined)]);
  if (code !== 0) throw new Error(`the files cannot be written to ${folder}: ${errors.trim()}`);
}
