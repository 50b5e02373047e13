import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { conflict, errnoOf, notFound, systemError } from "../../base/errors.ts";
import { bundleAt } from "../monitor/layout.ts";
import { openProcess } from "../monitor/process.ts";
import { MonitorStdio } from "../monitor/stdio.ts";
import type { Container } from "../monitor/supervisor.ts";
import type { Size, Stdio } from "../runtime.ts";
import type { RuntimeDeps } from "./deps.ts";

function known(deps: RuntimeDeps, id: string): Container {
  const container = deps.supervisor.find(id);
  if (!container) throw notFound(`container ${id} has no process`);
  return container;
}

export async function startContainer(deps: RuntimeDeps, id: string): Promise<void> {
  const { runtime, record } = known(deps, id);
  await deps.earlyClients.heard(id, record.monitorPid);
  await runtime.start(id);
}

/** `wantsStdin`: whether the end of this client's input is the end of a StdinOnce container's. */
export async function attachContainer(deps: RuntimeDeps, id: string, wantsStdin: boolean): Promise<Stdio> {
  const { bundle, record } = known(deps, id);
  const gone = deps.earlyClients.joins(id, record.monitorPid);
  return openStdio(deps, bundle.attachSocket, record.stdinOnce && !wantsStdin, gone);
}

/** `gone` is called when there is no connection any more. */
export async function openStdio(
  deps: RuntimeDeps,
  attachSocket: string,
  lingers: boolean,
  gone: () => void = () => undefined,
): Promise<Stdio> {
  try {
    return new MonitorStdio(await deps.kernel.packetSockets.connect(attachSocket), lingers, gone);
  } catch (error) {
    gone();
    throw conflict("cannot attach to a process that has ended", error);
  }
}

/** conmon refuses larger windows. */
const LARGEST = 1000;

/** Conmon's control fifo; undefined when the monitor is gone: waiting for one would be for ever. */
function openControl(path: string): number | undefined {
  try {
    // Without a reader: ENXIO.
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === "ENXIO" || errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A monitor that does not take a command within so many milliseconds is stopped; it obeys when it goes on. */
const COMMAND_PATIENCE = 2_000;

/**
 * "1 <rows> <columns>" sets the size of the terminal. Returns when conmon has taken it: input comes to conmon by another
 * way, and what is typed after this call is for a terminal of the new size.
 */
async function resizeTerminal(deps: RuntimeDeps, control: string, { width, height }: Size): Promise<void> {
  const fd = openControl(control);
  if (fd === undefined) throw conflict("cannot resize a stopped container");
  try {
    writeSync(fd, `1 ${Math.min(height, LARGEST)} ${Math.min(width, LARGEST)}\n`);
    const end = Date.now() + COMMAND_PATIENCE;
    while (deps.kernel.children.hasUnread(fd) && Date.now() < end) await sleep(1);
  } finally {
    closeSync(fd);
  }
}

/** "2" begins a new log file in place of the one that was moved away. False when there is nobody to do it. */
export function reopenLog(deps: RuntimeDeps, id: string): boolean {
  const container = deps.supervisor.find(id);
  const fd = container && openControl(container.bundle.control);
  if (fd === undefined) return false;
  try {
    writeSync(fd, "2 0 0\n");
  } finally {
    closeSync(fd);
  }
  return true;
}

export async function resizeContainer(deps: RuntimeDeps, id: string, size: Size): Promise<void> {
  await resizeTerminal(deps, known(deps, id).bundle.control, size);
}

export async function resizeExec(deps: RuntimeDeps, execId: string, size: Size): Promise<void> {
  await resizeTerminal(deps, bundleAt(join(deps.layout.execs, execId)).control, size);
}

export async function killContainer(deps: RuntimeDeps, id: string, signal: number): Promise<boolean> {
  const container = deps.supervisor.find(id);
  if (!container) return false;
  using process = openProcess(deps.kernel, container.record.pid, container.record.startTime);
  return process?.signal(signal) ?? false;
}

export async function freezeContainer(deps: RuntimeDeps, id: string, frozen: boolean): Promise<void> {
  const { cgroup } = known(deps, id).record;
  if (!cgroup) throw systemError(`container ${id} has no cgroup, so it cannot be paused`);
  await deps.kernel.cgroups.freeze(cgroup, frozen);
}
