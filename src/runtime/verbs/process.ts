import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
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
  deps.earlyClients.joins(id, record.monitorPid);
  return openStdio(deps, bundle.attachSocket, record.stdinOnce && !wantsStdin);
}

export async function openStdio(deps: RuntimeDeps, attachSocket: string, lingers: boolean): Promise<Stdio> {
  try {
    return new MonitorStdio(await deps.kernel.packetSockets.connect(attachSocket), lingers);
  } catch (error) {
    throw conflict("cannot attach to a process that has ended", error);
  }
}

/** conmon refuses larger windows. */
const LARGEST = 1000;

/** Writes one command into conmon's control fifo. False when the monitor is gone: waiting for one would be for ever. */
function command(control: string, text: string): boolean {
  let fd: number;
  try {
    // Without a reader: ENXIO.
    fd = openSync(control, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === "ENXIO" || errnoOf(error) === "ENOENT") return false;
    throw error;
  }
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
  return true;
}

/** "1 <rows> <columns>" sets the size of the terminal. */
export function resizeTerminal(control: string, { width, height }: Size): void {
  const told = command(control, `1 ${Math.min(height, LARGEST)} ${Math.min(width, LARGEST)}\n`);
  if (!told) throw conflict("cannot resize a stopped container");
}

/** "2" begins a new log file in place of the one that was moved away. False when there is nobody to do it. */
export function reopenLog(deps: RuntimeDeps, id: string): boolean {
  const container = deps.supervisor.find(id);
  return container !== undefined && command(container.bundle.control, "2 0 0\n");
}

export async function resizeContainer(deps: RuntimeDeps, id: string, size: Size): Promise<void> {
  resizeTerminal(known(deps, id).bundle.control, size);
}

export async function resizeExec(deps: RuntimeDeps, execId: string, size: Size): Promise<void> {
  resizeTerminal(bundleAt(join(deps.layout.execs, execId)).control, size);
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
