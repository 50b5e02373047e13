import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { systemError } from "../../base/errors.ts";

/** Milliseconds for one program; ten seconds of them may be its own patience with another one's lock. */
const PATIENCE = 60_000;

/**
 * Runs a program of the firewall and gives what it prints. Throws systemError with the program's own words, or when it
 * has not ended in time: all changes of the rules wait for it, and the kernel takes its part whole or not at all.
 */
export function run(
  program: string,
  args: readonly string[],
  input = "",
  patience = PATIENCE,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(program, [...args], { stdio: ["pipe", "pipe", "pipe"] });
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    reject(systemError(`${program} did not end within ${patience / 1000} s and was killed`));
  }, patience);
  child.on("exit", () => clearTimeout(timer));
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  // First of all: where there are no descriptors left, a child has an error to tell, but no streams.
  child.on("error", (cause) => {
    clearTimeout(timer);
    reject(systemError(`cannot run ${program}`, cause));
  });
  if (!child.stdout) return promise;
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.on("close", (code) => {
    if (code === 0) return resolve(Buffer.concat(out).toString());
    reject(systemError(`${program} failed: ${Buffer.concat(err).toString().trim() || `exit code ${code}`}`));
  });
  // It may have gone before reading everything; its exit code and words tell why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return promise;
}

/** Where a program is installed that administrators call; undefined where it is not. */
export function locate(program: string, path = process.env["PATH"] ?? ""): string | undefined {
  const folders = [...path.split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, program)).find((file) => isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export const isInstalled = (program: string, path?: string): boolean => locate(program, path) !== undefined;
