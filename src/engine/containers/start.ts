import { conflict, messageOf, notModified } from "../../base/errors.ts";
import { shortId } from "../../base/ids.ts";
import type { Trace } from "../../base/trace.ts";
import { startHealth } from "../health/monitor.ts";
import type { Container } from "./container.ts";
import { handleExit } from "./exit.ts";
import { alone, type Kit } from "./kit.ts";
import { logPath } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { publish } from "./publish.ts";
import { removeNow } from "./remove.ts";
import { transition } from "./state.ts";

/** Shells' codes, which Docker's clients show: the command could not be found, or not be executed. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const OTHER = 128;

/** Starts a container that does not run. Throws notModified when it does. */
export function start(kit: Kit, reference: string): Promise<void> {
  const container = kit.table.resolve(reference);
  return alone(kit, container, () => {
    refuseStart(container);
    kit.table.saveLife(container, { restartCount: 0, manuallyStopped: false });
    container.backoff = 0;
    return startNow(kit, container);
  });
}

function refuseStart(container: Container): void {
  const { status } = container.state;
  if (status === "running" || status === "restarting") throw notModified(`container ${container.id} is already started`);
  if (status === "paused") throw conflict("cannot start a paused container, try unpause instead");
  if (status === "removing" || status === "dead") {
    throw conflict("container is marked for removal and cannot be started");
  }
}

/** The start itself; the caller holds the container. All or nothing: a failure leaves no mount, network or process. */
export async function startNow(kit: Kit, container: Container): Promise<void> {
  const trace = kit.trace("start", shortId(container.id));
  try {
    await launch(kit, container, trace);
  } catch (error) {
    await failed(kit, container, error);
    throw error;
  }
  trace.end();
}

async function launch(kit: Kit, container: Container, trace: Trace): Promise<void> {
  const { config, hostConfig } = container.record.document;
  await using undo = new AsyncDisposableStack();
  const spec = await prepare(kit, container, undo, trace);
  const starting = { exit: undefined };
  container.starting = starting;
  undo.defer(() => {
    container.starting = undefined;
  });
  undo.defer(() => kit.runtime.remove(container.id));
  const { pid } = await trace.step("create", () =>
    kit.runtime.create({
      id: container.id,
      runtime: kit.runtime.choose(hostConfig.Runtime),
      spec,
      tty: config.Tty === true,
      stdin: config.OpenStdin === true,
      stdinOnce: config.StdinOnce === true,
      logPath: logPath(kit.settings, container.record),
    }),
  );
  await trace.step("attach", () => connectPending(container));
  await trace.step("start", () => kit.runtime.start(container.id));
  undo.move();
  trace.step("commit", () => started(kit, container, pid));
}

/** Clients that attached before are connected before the first byte can come. */
async function connectPending(container: Container): Promise<void> {
  const pending = [...container.pendingAttaches];
  container.pendingAttaches.clear();
  await Promise.all(pending.map((attach) => attach.connect()));
}

function started(kit: Kit, container: Container, pid: number): void {
  const at = new Date().toISOString();
  const { state } = transition(container.state, { type: "started", pid, at });
  kit.table.saveState(container, state);
  const early = container.starting?.exit;
  container.starting = undefined;
  publish(kit, container, "start");
  if (early) handleExit(kit, container.id, early);
  else startHealth(kit, container);
}

/** The exit code Docker gives a container whose process could not be started. */
export function startExitCode(error: unknown): number {
  const text = messageOf(error);
  if (/executable file not found|no such file or directory/i.test(text)) return NOT_FOUND;
  return /permission denied|not a directory|is a directory|exec format error/i.test(text) ? NOT_EXECUTABLE : OTHER;
}

async function failed(kit: Kit, container: Container, error: unknown): Promise<void> {
  for (const attach of container.pendingAttaches) attach.giveUp();
  container.pendingAttaches.clear();
  const exitCode = startExitCode(error);
  const event = { type: "startFailed", exitCode, error: messageOf(error), at: new Date().toISOString() } as const;
  kit.table.saveState(container, transition(container.state, event).state);
  publish(kit, container, "die", { exitCode: String(exitCode), execDuration: "0" });
  const { AutoRemove } = container.record.document.hostConfig;
  if (!AutoRemove) return;
  await removeNow(kit, container, { volumes: true }).catch((cause: unknown) => {
    kit.log.error("a container that could not be started was not removed", { id: container.id, error: cause });
  });
}
