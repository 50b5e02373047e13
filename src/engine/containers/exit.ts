import type { Exit } from "../../runtime/index.ts";
import { restartDelay } from "../restart/policy.ts";
import { scheduleRestart } from "../restart/schedule.ts";
import { answer, type Container } from "./container.ts";
import { alone, type Kit } from "./kit.ts";
import { publish } from "./publish.ts";
import type { Life } from "./record.ts";
import { removeNow } from "./remove.ts";
import { type Effect, isRunning, ranOutOfMemory, transition } from "./state.ts";
import { releaseEnded } from "./tear-down.ts";

interface Decision {
  readonly next: "restart" | "remove" | "rest";
  readonly delay: number;
}

function decide(kit: Kit, container: Container, exit: Exit, ran: number): Decision {
  const { restartCount, manuallyStopped } = container.record.life;
  const { RestartPolicy, AutoRemove } = container.record.document.hostConfig;
  if (container.held > 0) return { next: "rest", delay: 0 };
  if (AutoRemove) return { next: "remove", delay: 0 };
  const stopped = manuallyStopped || kit.closing.aborted;
  const delay = restartDelay({
    policy: RestartPolicy,
    exitCode: exit.code,
    manuallyStopped: stopped,
    restartCount,
    ran,
    lastDelay: container.backoff,
  });
  return delay === undefined ? { next: "rest", delay: 0 } : { next: "restart", delay };
}

/**
 * The process has ended. The new state is on disk and everybody who waits is told before this returns; releasing what
 * the container used follows behind, on the container's queue.
 */
export function handleExit(kit: Kit, id: string, exit: Exit): void {
  const container = kit.table.get(id);
  if (!container) return;
  if (container.starting) {
    container.starting.exit = exit;
    return;
  }
  const { state } = container;
  if (!isRunning(state)) return;
  const ran = Math.max(0, Date.parse(exit.at) - Date.parse(state.startedAt)) || 0;
  // File times come from a coarser clock: an exit must not be shown before its start.
  const at = ran > 0 ? exit.at : state.startedAt;
  const decision = decide(kit, container, exit, ran);
  const { code: exitCode } = exit;
  const ended = { type: "exited", exitCode, at, oomKilled: exit.oomKilled, next: decision.next } as const;
  const moved = transition(state, ended);
  const oomKilled = ranOutOfMemory(moved.state);
  const lastEnd = { ...exit.evidence, exitCode, startedAt: state.startedAt, finishedAt: at, oomKilled };
  record(kit, container, { state: moved.state, lastEnd });
  container.health?.stop();
  container.log?.ended();
  if (oomKilled && !state.oomKilled) publish(kit, container, "oom");
  publish(kit, container, "die", {
    exitCode: String(exitCode),
    execDuration: String(Math.floor(ran / 1000)),
  });
  for (const effect of moved.effects) EFFECTS[effect](kit, container, exitCode, decision.delay);
}

/**
 * The container's group is out of memory: some process of it was killed, or waits for memory where the OOM killer is
 * disabled. Told each time it happens; the state keeps it until the next start.
 */
export function handleOutOfMemory(kit: Kit, id: string): void {
  const container = kit.table.get(id);
  // Before a start is complete nobody knows of it; its end will tell.
  if (!container || !isRunning(container.state)) return;
  if (!container.state.oomKilled)
    record(kit, container, { state: transition(container.state, { type: "outOfMemory" }).state });
  publish(kit, container, "oom");
}

/** Even with a full disk everybody who waits must be told; the next start of the engine finds the exit again. */
function record(kit: Kit, container: Container, change: Partial<Life>): void {
  try {
    kit.table.saveLife(container, change);
  } catch (error) {
    kit.log.error("could not write down what became of a container", { id: container.id, error });
    kit.table.assumeLife(container, change);
  }
}

type Run = (kit: Kit, container: Container, exitCode: number, delay: number) => void;

const EFFECTS: Readonly<Record<Effect, Run>> = {
  answerExitWaits: (_kit, container, exitCode) => answer(container.exitWaits, { exitCode }),
  tearDown: release,
  autoRemove: (kit, container) =>
    background(kit, container, () => removeNow(kit, container, { volumes: true })),
  scheduleRestart: (kit, container, _exitCode, delay) => {
    release(kit, container);
    scheduleRestart(kit, container, delay);
  },
};

function release(kit: Kit, container: Container): void {
  container.unreleased = true;
  background(kit, container, () => releaseEnded(kit, container));
}

/** On the container's queue, with nobody waiting: a failure is logged here, and tried again at removal. */
function background(kit: Kit, container: Container, body: () => Promise<void>): void {
  alone(kit, container, body).catch((error: unknown) => {
    if (kit.table.get(container.id) !== container) return;
    kit.log.error("could not release what an ended container used", { id: container.id, error });
  });
}
