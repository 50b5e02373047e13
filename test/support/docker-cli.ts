import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** What came of a command. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its stdin, which is closed after it. */
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  /** Milliseconds after which it is killed: a hang becomes a failure that names the command. */
  readonly timeout?: number;
}

const checkout = join(import.meta.dirname, "../..");

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where a program is. */
export const programPath = (name: string): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(":")
    .map((folder) => join(folder, name))
    .find(isProgram);

/** The stock docker CLI: the machine's, else the one that scripts/setup keeps beside the checkout. */
export const dockerPath: string | undefined =
  programPath("docker") ??
  ["/usr/local/bin/docker", join(checkout, ".cache/docker-cli/usr/bin/docker")].find(isProgram);

/** Why tests with the docker CLI are left out, or false. */
export const withoutDocker = dockerPath === undefined ? "there is no docker command on this machine" : false;
/** Why tests that need the kernel's obedience are left out, or false. */
export const withoutRoot = process.getuid?.() === 0 ? false : "needs root";

/** Runs a program to its end. */
export async function execute(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(file, args, {
    // No test starts the engine of the machine it runs on.
    env: { ...process.env, WHARF_NO_AUTOSTART: "1", ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const limit = options.timeout ?? 60_000;
  const timer = setTimeout(() => child.kill("SIGKILL"), limit);
  child.stdin?.on("error", ignoreClosedPipe);
  child.stdin?.end(options.input);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
  try {
    const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), exited]);
    if (code === null)
      throw new Error(`${file} ${args.join(" ")}: killed after ${limit} ms\n${stdout}${stderr}`);
    return { code, stdout, stderr };
  } finally {
    clearTimeout(timer);
  }
}

/** A program may end without reading what it is given. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** Runs a program that must succeed; gives its stdout without the last line feed. */
export async function output(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await execute(file, args, options);
  if (code !== 0) throw new Error(`${file} ${args.join(" ")}: exit code ${code}\n${stdout}${stderr}`);
  return stdout.trimEnd();
}
