import { execute } from "../support/docker-cli.ts";
import type { Scenario } from "./scenarios.ts";

/** What a command line did. */
export interface Answer {
  readonly line: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const CLEAN_UP = [
  "docker ps -aq --no-trunc --filter name=cz | xargs -r docker rm -f -v",
  "docker network ls -q --filter name=cz | xargs -r docker network rm",
  "docker volume ls -q --filter name=cz | xargs -r docker volume rm -f",
  "docker images -q --filter 'reference=cz/*' | sort -u | xargs -r docker rmi -f",
].join("; ");

/** Runs the lines in order; cleans up before (an earlier run may have been cut short) and after. */
export async function play(
  scenario: Scenario,
  env: Readonly<Record<string, string>>,
): Promise<readonly Answer[]> {
  const shell = (line: string) => execute("sh", ["-c", line], { env, timeout: 30_000 });
  await shell(CLEAN_UP);
  try {
    const answers: Answer[] = [];
    for (const line of scenario.lines) answers.push({ line, ...(await shell(line)) });
    return answers;
  } finally {
    await shell(CLEAN_UP);
  }
}
