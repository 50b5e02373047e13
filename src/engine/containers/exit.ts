import type { Exit } from "../../runtime/index.ts";
import { restartDelay } from "../restart/policy.ts";
import { scheduleRestart } from "../restart/schedule.ts";
import { answer, type Container } from "./container.ts";
import { alone, type Kit } from "./kit.ts";
import { publish } from "./publish.ts";
import { removeNow } from "./remove.ts";
import { type Effect, isRunning, transition } from "./state.ts";
import { tearDown } from "./tear-down.ts";

interface Decision {
  readonly then: "restart" | "remove" | "rest";
  readonly delay: number;
}

function decide(kit: Kit, container: Container, exit: Exit, ran: number): Decision {
  const { restartCount, manuallyStopped } = container.record.life;
  const { RestartPolicy, AutoRemove } = container.record.document.hostConfig;
  if (container.held > 0) return { then: "rest", delay: 0 };
  if (AutoRemove) return { then: "remove", delay: 0 };
  const stopped = manuallyStopped || kit.closing.aborted;
  const delay = restartDelay({
    policy: RestartPolicy,
    exitCode: exit.code,
    manuallyStopped: stopped,
    restartCount,
    ran,
    lastDelay: container.backoff,
  });
  return delay === undefined ? { then: "rest", delay: 0 } : { then: "restart", delay };
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
  const decision = decide(kit, container, exit, ran);
  const { code: exitCode, at, oomKilled } = exit;
  const next = transition(state, { type: "exited", exitCode, at, oomKilled, then: decision.then });
  kit.table.saveState(container, next.state);
  container.health?.stop();
  container.health = undefined;
  if (oomKilled) publish(kit, container, "oom");
  publish(kit, container, "die", { exitCode: String(exitCode), execDuration: String(Math.floor(ran / 1000)) });
  for (const effect of next.effects) run(kit, container, effect, exitCode, decision.delay);
}

function run(kit: Kit, container: Container, effect: Effect, exitCode: number, delay: number): void {
  switch (effect) {
    case "answerExitWaits":
      return answer(container.exitWaits, { exitCode });
    case "scheduleRestart":
      background(kit, container, () => tearDown(kit, container));
      return scheduleRestart(kit, container, delay);
    case "autoRemove":
      return background(kit, container, () => removeNow(kit, container, { volumes: true }));
    case "tearDown":
      return background(kit, container, () => tearDown(kit, container));
  }
}

/** On the container's queue, with nobody waiting: a failure is logged here, and tried again at removal. */
function background(kit: Kit, container: Container, body: () => Promise<void>): void {
  const run = async () => {
    if (kit.table.get(container.id) === container) await body();
  };
  alone(kit, container, run).catch((error: unknown) => {
    kit.log.error("could not release what an ended container used", { id: container.id, error });
  });
}
