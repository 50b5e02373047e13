import { goDuration } from "../../base/go-duration.ts";
import type { Container } from "../containers/container.ts";
import type { Kit } from "../containers/kit.ts";
import { execProcess } from "../exec/process.ts";
import type { HealthPlan } from "./plan.ts";

/** Docker keeps this much of a probe's output. */
const OUTPUT_LIMIT = 4096;
const SIGKILL = 9;
const DEFAULT_SHELL = ["/bin/sh", "-c"];

/** What the log of a probe that took too long says. `timeout` in milliseconds. */
const timeoutReport = (timeout: number, output: string): string =>
  `Health check exceeded timeout (${goDuration(timeout * 1e6)})${output && `: ${output}`}`;

export interface Probe {
  readonly start: string;
  readonly end: string;
  readonly exitCode: number;
  readonly output: string;
}

const argumentsOf = (
  { command }: HealthPlan,
  shell: readonly string[] | null | undefined,
): readonly string[] =>
  command.kind === "exec"
    ? command.args
    : [...(shell && shell.length > 0 ? shell : DEFAULT_SHELL), command.line];

/** Runs the health command once in the container; after its time is up it is killed and counts as failed. */
export async function probe(
  kit: Kit,
  container: Container,
  plan: HealthPlan,
  id: string,
  signal: AbortSignal,
): Promise<Probe> {
  const config = {
    tty: false,
    stdin: false,
    stdout: true,
    stderr: true,
    command: argumentsOf(plan, container.record.document.config.Shell),
    env: [],
    user: "",
    workingDir: "",
    privileged: false,
    detachKeys: "",
    size: undefined,
  };
  const start = new Date().toISOString();
  const { pid, stdio, exited } = await kit.runtime.exec(
    await execProcess(kit, container, { id, config }, false),
  );
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endProcess(pid);
  }, plan.timeout);
  const onAbort = () => endProcess(pid);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const output = stdio ? await collect(stdio.output()) : "";
    const { code } = await exited;
    const end = new Date().toISOString();
    return late
      ? {
          start,
          end,
          exitCode: -1,
          output: timeoutReport(plan.timeout, output),
        }
      : { start, end, exitCode: code, output };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, SIGKILL);
  } catch {
    // It has ended by itself at the same moment.
  }
}

async function collect(chunks: AsyncIterable<{ readonly data: Uint8Array }>): Promise<string> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const { data } of chunks) {
    if (length < OUTPUT_LIMIT) kept.push(data);
    length += data.length;
  }
  return Buffer.concat(kept).subarray(0, OUTPUT_LIMIT).toString("utf8");
}
