import { randomBytes } from "node:crypto";
import { execute } from "../support/docker-cli.ts";
import type { Scenario } from "./scenarios.ts";

/** What a command line did. */
export interface Answer {
  readonly line: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** In front of every name, so that several runs may use one reference engine at once. Scenarios write it "cz". */
const PREFIX = `z${randomBytes(3).toString("hex")}`;
const named = (line: string): string => line.replaceAll("cz", PREFIX);
const unnamed = (text: string): string => text.replaceAll(PREFIX, "cz");

const REMOVE_ALL = [
  "docker ps -aq --no-trunc --filter name=cz | xargs -r docker rm -f -v",
  "docker network ls -q --filter name=cz | xargs -r docker network rm",
  "docker volume ls -q --filter name=cz | xargs -r docker volume rm -f",
  "docker images -q --filter 'reference=cz/*' | sort -u | xargs -r docker rmi -f",
].join("; ");
const LEFT = ["docker ps -aq", "docker network ls -q", "docker volume ls -q"]
  .map((list) => `${list} --filter name=cz`)
  .join("; ");

/** A container that is being removed keeps its volumes and networks for a while after `docker rm` has refused to wait. */
const CLEAN_UP = `for try in 1 2 3 4 5 6 7 8 9; do ${REMOVE_ALL}; [ -n "$(${LEFT})" ] || break; sleep 0.3; done`;

type Shell = (line: string) => Promise<Answer>;

/** Runs the lines in order, lets `look` see what has become of it, and cleans up. */
export async function playThen<T>(
  lines: readonly string[],
  env: Readonly<Record<string, string>>,
  look: (answers: readonly Answer[], shell: Shell) => T | Promise<T>,
): Promise<T> {
  const shell: Shell = async (line) => {
    const { code, stdout, stderr } = await execute("sh", ["-c", named(line)], { env, timeout: 120_000 });
    return { line, code, stdout: unnamed(stdout), stderr: unnamed(stderr) };
  };
  try {
    const answers: Answer[] = [];
    for (const line of lines) answers.push(await shell(line));
    return await look(answers, shell);
  } finally {
    await shell(CLEAN_UP);
  }
}

/** Runs the lines in order, and cleans up. */
export const play = (scenario: Scenario, env: Readonly<Record<string, string>>): Promise<readonly Answer[]> =>
  playThen(scenario.lines, env, (answers) => answers);
