import { closeSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { formatNanoseconds } from "../../base/nanoseconds.ts";
import type { Pipe } from "../../kernel/index.ts";
import type { Bundle } from "../monitor/layout.ts";
import { PipeStdio } from "../monitor/pipe-stdio.ts";
import { runtimeFailure } from "../oci/failure.ts";
import type { OciRuntime } from "../oci/oci-runtime.ts";
import type { ExecProcess, RunningExec } from "../runtime.ts";
import type { RuntimeDeps } from "./deps.ts";

/** The descriptor at which the runtime writes its pid file. */
const PID_FD = 3;

/**
 * An exec that a client listens to, without a terminal: the runtime is our child, with pipes to us. A monitor would only
 * carry bytes and the exit code from one to the other, for twice the time. Should this process be killed, the exec runs
 * on as it does under a monitor: its input ends, and nobody reads its output.
 */
export async function execDirectly(
  deps: RuntimeDeps,
  request: ExecProcess,
  runtime: NonNullable<ReturnType<NonNullable<OciRuntime["direct"]>>>,
  bundle: Bundle,
): Promise<RunningExec> {
  const { children } = deps.kernel;
  const input = request.stdin ? children.inputPipe() : nothing();
  const [output, errors, report] = [children.outputPipe(), children.outputPipe(), children.outputPipe()];
  const pipes = [input, output, errors, report];
  const command = ["exec", "--pid-file", `/proc/self/fd/${PID_FD}`, "--process", bundle.config];
  let child: ReturnType<typeof children.start>;
  try {
    child = children.start({
      file: runtime.file,
      args: [request.runtime.name, ...runtime.args, ...command, request.containerId],
      environment: deps.environment,
      descriptors: pipes.map(({ theirs }) => theirs),
    });
  } catch (error) {
    for (const { ours } of pipes) if (ours !== undefined) closeSync(ours);
    throw error;
  } finally {
    for (const { theirs } of pipes) closeSync(theirs);
  }
  const ended = child.ended.then((code) => ({
    code,
    at: formatNanoseconds(BigInt(Date.now()) * 1_000_000n),
    oomKilled: false,
  }));
  const pid = await firstNumber(report.ours);
  if (pid === undefined) {
    if (input.ours !== undefined) closeSync(input.ours);
    closeSync(output.ours);
    // Before its program runs, nobody but the runtime writes there.
    const complaint = await text(new Socket({ fd: errors.ours, writable: false }));
    await child.ended;
    throw runtimeFailure("exec", complaint, request.process.args[0] ?? "");
  }
  const stdio = new PipeStdio({ stdin: input.ours, stdout: output.ours, stderr: errors.ours }, child.ended);
  return { pid, monitorPid: child.pid, stdio, exited: ended };
}

const nothing = (): Omit<Pipe, "ours"> & { readonly ours: undefined } => ({
  ours: undefined,
  theirs: openSync("/dev/null", "r"),
});

/** The number that is written into a pipe; undefined when its other end is closed without one. */
function firstNumber(fd: number): Promise<number | undefined> {
  const socket = new Socket({ fd, readable: true, writable: false });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("close", () => resolve(undefined));
    socket.once("data", (data) => {
      resolve(Number(data.toString()));
      socket.destroy();
    });
  });
}
