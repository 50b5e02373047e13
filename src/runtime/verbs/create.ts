import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cancelled, invalidParameter } from "../../base/errors.ts";
import { type Monitor, startMonitor } from "../monitor/conmon.ts";
import type { Bundle } from "../monitor/layout.ts";
import { type ContainerRecord, writeRecord } from "../monitor/record.ts";
import { runtimeFailure } from "../oci/failure.ts";
import type { OciRuntime } from "../oci/oci-runtime.ts";
import type { CreatedProcess, CreateProcess } from "../runtime.ts";
import { serializeSpec } from "../spec/oci-spec.ts";
import type { RuntimeDeps } from "./deps.ts";
import { makeBundle } from "./make-bundle.ts";
import { removeTraces } from "./remove.ts";

/** Bundle, monitor, `runtime create`. On failure nothing stays. */
export async function createContainer(
  deps: RuntimeDeps,
  request: CreateProcess,
  signal?: AbortSignal,
): Promise<CreatedProcess> {
  if (signal?.aborted) throw cancelled("the request was cancelled", signal.reason);
  deps.announceMove();
  const trace = deps.trace("runtime create", request.id);
  const runtime = deps.runtimes.restore(request.runtime);
  const cgroup = request.spec.linux?.cgroupsPath;
  const bundle = trace.step("bundle", () => fillBundle(deps, request, runtime));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => removeTraces(deps, { id: request.id, bundle, runtime, cgroup }));

  const monitor = await trace.step("spawn", () => startCreate(deps, request, bundle, runtime));
  undo.defer(() => monitor.ended);
  const pid = await trace.step("create", () => firstPid(monitor, request));
  if (signal?.aborted) {
    process.kill(pid, "SIGKILL");
    throw cancelled("the request was cancelled", signal.reason);
  }
  const record = recordOf(deps, request, runtime, pid, monitor.pid);
  writeRecord(bundle.record, record);
  undo.move();
  monitor.detach();
  runtime.created(request.id, request.spec);
  deps.supervisor.add({ id: request.id, bundle, runtime, record }, monitor.ended);
  trace.end();
  return { pid, monitorPid: monitor.pid };
}

function fillBundle(deps: RuntimeDeps, request: CreateProcess, runtime: OciRuntime): Bundle {
  if (request.logPath?.includes(":")) {
    throw invalidParameter(
      `the log path ${request.logPath} contains a colon, which the monitor cannot handle: move the data root`,
    );
  }
  const taken = `container ${request.id} has a process already: remove it first`;
  const bundle = makeBundle(deps, join(deps.layout.containers, request.id), taken);
  writeFileSync(bundle.config, serializeSpec(runtime.prepare(request.spec)), { mode: 0o600 });
  rmSync(join(deps.layout.exits, request.id), { force: true });
  return bundle;
}

function startCreate(
  deps: RuntimeDeps,
  request: CreateProcess,
  bundle: Bundle,
  runtime: OciRuntime,
): Promise<Monitor> {
  return startMonitor(
    {
      conmon: deps.conmon,
      id: request.id,
      bundle,
      runtime: runtime.createCommand(request.spec),
      tty: request.tty,
      stdin: request.stdin,
      leaveStdinOpen: !request.stdinOnce,
      logPath: request.logPath,
      exitFolder: deps.layout.exits,
    },
    deps.environment,
  );
}

async function firstPid(monitor: Monitor, request: CreateProcess): Promise<number> {
  const answer = await monitor.next();
  if (answer && answer.data > 0) return answer.data;
  throw runtimeFailure("create", answer?.message ?? "", request.spec.process?.args[0] ?? "");
}

function recordOf(
  { kernel: { processes } }: RuntimeDeps,
  request: CreateProcess,
  runtime: OciRuntime,
  pid: number,
  monitorPid: number,
): ContainerRecord {
  const namespaces = request.spec.linux?.namespaces ?? [];
  return {
    pid,
    startTime: processes.startTime(pid),
    monitorPid,
    monitorStartTime: processes.startTime(monitorPid),
    runtime: runtime.choice,
    cgroup: request.spec.linux?.cgroupsPath,
    ownPidNamespace: namespaces.some(({ type, path }) => type === "pid" && path === undefined),
    stdinOnce: request.stdinOnce,
  };
}
