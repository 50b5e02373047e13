import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { conflict } from "../../base/errors.ts";
import { formatNanoseconds } from "../../base/nanoseconds.ts";
import { type Monitor, startMonitor } from "../monitor/conmon.ts";
import type { Bundle } from "../monitor/layout.ts";
import type { Container } from "../monitor/supervisor.ts";
import { runtimeFailure } from "../oci/failure.ts";
import type { OciRuntime } from "../oci/oci-runtime.ts";
import type { ExecProcess, Exit, RunningExec, Stdio } from "../runtime.ts";
import { serializeSpec } from "../spec/oci-spec.ts";
import type { RuntimeDeps } from "./deps.ts";
import { execDirectly } from "./exec-directly.ts";
import { failureFor, makeBundle } from "./make-bundle.ts";
import { openStdio } from "./process.ts";

const NOT_RUNNING = (id: string) => conflict(`container ${id} is not running`);

/** A further process in a running container. It does not survive the engine that started it: its exit code is lost. */
export async function startExec(deps: RuntimeDeps, request: ExecProcess): Promise<RunningExec> {
  const container = deps.supervisor.find(request.containerId);
  if (!container) throw NOT_RUNNING(request.containerId);
  deps.announceMove();
  await using undo = new AsyncDisposableStack();
  const folder = join(deps.layout.execs, request.id);
  const bundle = makeBundle(deps, folder, `exec ${request.id} has already run`);
  const discard = () => rmSync(bundle.folder, { recursive: true, force: true });
  undo.defer(discard);
  writeFileSync(bundle.config, serializeSpec(request.process), { mode: 0o600 });
  const running = await run(deps, request, container, bundle).catch((error: unknown) => {
    throw failureFor(deps, container, error);
  });
  undo.move();
  return { ...running, exited: running.exited.finally(discard) };
}

function run(
  deps: RuntimeDeps,
  request: ExecProcess,
  { runtime }: Container,
  bundle: Bundle,
): Promise<RunningExec> {
  const direct = request.tty || request.attach === false ? undefined : runtime.direct?.();
  return direct ? execDirectly(deps, request, direct, bundle) : execMonitored(deps, request, runtime, bundle);
}

/** Under a conmon of its own, which holds its terminal, if it has one, and tells its exit code through a pipe. */
async function execMonitored(
  deps: RuntimeDeps,
  request: ExecProcess,
  runtime: OciRuntime,
  bundle: Bundle,
): Promise<RunningExec> {
  await using undo = new AsyncDisposableStack();
  const attach = request.attach ?? true;
  const monitor = await startMonitor(
    {
      conmon: deps.conmon,
      id: request.containerId,
      bundle,
      runtime: runtime.execCommand,
      tty: request.tty,
      stdin: request.stdin,
      leaveStdinOpen: false,
      exec: { processFile: bundle.config, attach },
    },
    deps.environment,
  );
  undo.defer(() => monitor.ended);
  const stdio = attach ? await attachBefore(deps, monitor, bundle) : undefined;
  undo.defer(() => stdio?.close());
  const pid = await firstPid(monitor, request);
  undo.move();
  return { pid, monitorPid: monitor.pid, stdio, exited: exitOf(monitor) };
}

/** conmon holds the process back until its first client is there, so that this one misses nothing. */
async function attachBefore(deps: RuntimeDeps, monitor: Monitor, bundle: Bundle): Promise<Stdio> {
  await monitor.attachable;
  const stdio = await openStdio(deps, bundle.attachSocket, false);
  monitor.release();
  return stdio;
}

async function firstPid(monitor: Monitor, request: ExecProcess): Promise<number> {
  const answer = await monitor.next();
  if (answer && answer.data > 0) return answer.data;
  throw runtimeFailure("exec", answer?.message ?? "", request.process.args[0] ?? "");
}

async function exitOf(monitor: Monitor): Promise<Exit> {
  const last = await monitor.next();
  // A monitor that was killed cannot tell: the code of a process that ended by SIGKILL.
  const code = last?.data ?? 137;
  const at = formatNanoseconds(BigInt(Date.now()) * 1_000_000n);
  await monitor.ended;
  monitor.detach();
  return { code: code < 0 ? 255 : code, at, oomKilled: false };
}
