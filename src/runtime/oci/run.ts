import { execFile } from "node:child_process";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; never rejects. A command that cannot be run at all has code 127. */
export function run(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  const [file = "", ...args] = command;
  return new Promise((resolve) => {
    execFile(file, args, { env: environment, encoding: "utf8", timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : 127) : 0;
      resolve({ code, stdout, stderr: stderr || (error ? error.message : "") });
    });
  });
}
