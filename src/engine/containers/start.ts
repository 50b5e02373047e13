import { conflict, messageOf, notModified } from "../../base/errors.ts";
import { shortId } from "../../base/ids.ts";
import type { Trace } from "../../base/trace.ts";
import { exitCodeOfFailure } from "../../runtime/index.ts";
import { startHealth } from "../health/monitor.ts";
import { startLog, stopLog } from "../logs/keeper.ts";
import type { Container } from "./container.ts";
import { handleExit } from "./exit.ts";
import { alone, type Kit } from "./kit.ts";
import { logPath } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { publish } from "./publish.ts";
import { removeNow } from "./remove.ts";
import { transition } from "./state.ts";
import { releaseEnded } from "./tear-down.ts";

/** Starts a container that does not run. Throws notModified when it does. */
export function start(kit: Kit, reference: string): Promise<void> {
  const container = kit.table.resolve(reference);
  return alone(kit, container, () => {
    refuseStart(container);
    startAfresh(kit, container);
    return startNow(kit, container);
  });
}

/** A start by hand: what the restart policy has counted so far is void. */
export function startAfresh(kit: Kit, container: Container): void {
  const { restartCount, manuallyStopped } = container.record.life;
  container.backoff = 0;
  if (restartCount > 0 || manuallyStopped)
    kit.table.saveLife(container, { restartCount: 0, manuallyStopped: false });
}

function refuseStart(container: Container): void {
  const { status } = container.state;
  if (status === "running" || status === "restarting")
    throw notModified(`container ${container.id} is already started`);
  if (status === "paused") throw conflict("cannot start a paused container, try unpause instead");
  if (status === "removing" || status === "dead") {
    throw conflict("container is marked for removal and cannot be started");
  }
}

/** The start itself; the caller holds the container. All or nothing: a failure leaves no mount, network or process. */
export async function startNow(kit: Kit, container: Container): Promise<void> {
  const trace = kit.trace("start", shortId(container.id));
  const { promise, resolve } = Promise.withResolvers<void>();
  container.launching = promise;
  try {
    // Where the life before was so short that this start was waiting already, its release is waiting behind it.
    await releaseEnded(kit, container);
    await launch(kit, container, trace);
  } catch (error) {
    await failed(kit, container, error);
    throw error;
  } finally {
    container.launching = undefined;
    resolve();
  }
  trace.end();
}

async function launch(kit: Kit, container: Container, trace: Trace): Promise<void> {
  const { config, hostConfig } = container.record.document;
  await using undo = new AsyncDisposableStack();
  using held = new DisposableStack();
  const spec = await prepare(kit, container, undo, held, trace);
  const starting = { exit: undefined };
  container.starting = starting;
  undo.defer(() => {
    container.starting = undefined;
  });
  undo.defer(() => stopLog(container));
  await trace.step("log", () => startLog(kit, container));
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
  const at = new Date().toISOString();
  await trace.step("start", () => kit.runtime.start(container.id));
  undo.move();
  trace.step("commit", () => started(kit, container, pid, at));
}

/** Clients that attached before are connected before the first byte can come. */
async function connectPending(container: Container): Promise<void> {
  const pending = [...container.pendingAttaches];
  container.pendingAttaches.clear();
  await Promise.all(pending.map((attach) => attach.connect()));
}

function started(kit: Kit, container: Container, pid: number, at: string): void {
  const { state } = transition(container.state, { type: "started", pid, at });
  kit.table.saveState(container, state);
  const early = container.starting?.exit;
  container.starting = undefined;
  publish(kit, container, "start");
  if (early) handleExit(kit, container.id, early);
  else startHealth(kit, container);
}

async function failed(kit: Kit, container: Container, error: unknown): Promise<void> {
  for (const attach of container.pendingAttaches) attach.giveUp();
  container.pendingAttaches.clear();
  const exitCode = exitCodeOfFailure(messageOf(error));
  const event = {
    type: "startFailed",
    exitCode,
    error: messageOf(error),
    at: new Date().toISOString(),
  } as const;
  kit.table.saveState(container, transition(container.state, event).state);
  const { AutoRemove } = container.record.document.hostConfig;
  if (!AutoRemove) return;
  await removeNow(kit, container, { volumes: true }).catch((cause: unknown) => {
    kit.log.error("a container that could not be started was not removed", {
      id: container.id,
      error: cause,
    });
  });
}
