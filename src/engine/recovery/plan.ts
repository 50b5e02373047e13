import type { Exit, Survivor } from "../../runtime/index.ts";
import type { ContainerRecord } from "../containers/record.ts";
import { isRunning } from "../containers/state.ts";

/** What is to be done so that the records and the machine agree; `why` is for the log. */
export type RecoveryStep =
  | { readonly do: "adopt"; readonly id: string; readonly pid: number; readonly why: string }
  | { readonly do: "recordExit"; readonly id: string; readonly exit: Exit; readonly why: string }
  | { readonly do: "clear"; readonly id: string; readonly why: string }
  | { readonly do: "finishRemoval"; readonly id: string; readonly why: string }
  | { readonly do: "removeTraces"; readonly id: string; readonly why: string };

export interface Observed {
  readonly records: readonly ContainerRecord[];
  readonly survivors: ReadonlyMap<string, Survivor>;
  /** Ids with something on the exec root or a cgroup. */
  readonly traces: readonly string[];
  readonly shm: readonly string[];
  readonly now: string;
}

/** A container whose monitor is gone with the machine: Docker gives these 255. */
const LOST = 255;

function forRunning({ id }: ContainerRecord, survivor: Survivor | undefined, now: string): RecoveryStep {
  switch (survivor?.status) {
    case "running":
      return { do: "adopt", id, pid: survivor.pid, why: "it ran on while no engine did" };
    case "exited":
      return { do: "recordExit", id, exit: survivor.exit, why: "it ended while no engine ran" };
    default: {
      const exit = { code: LOST, at: now, oomKilled: false, evidence: { monitorLost: true } } as const;
      return { do: "recordExit", id, exit, why: "its process and monitor are gone" };
    }
  }
}

function forRecord(record: ContainerRecord, { survivors, traces, now }: Observed): RecoveryStep | undefined {
  const { id, life } = record;
  const survivor = survivors.get(id);
  if (life.state.status === "removing")
    return { do: "finishRemoval", id, why: "its removal was interrupted" };
  if (isRunning(life.state)) return forRunning(record, survivor, now);
  // A start that was never acknowledged, or a tear-down that was cut short.
  const left = traces.includes(id) || (survivor !== undefined && survivor.status !== "lost");
  return left ? { do: "clear", id, why: "it does not run, but something of a run is left" } : undefined;
}

/** Compares the records with what is found. Pure: the order of the steps is that of the records, orphans last. */
export function planRecovery(observed: Observed): readonly RecoveryStep[] {
  const known = new Set(observed.records.map(({ id }) => id));
  const steps = observed.records.flatMap((record) => forRecord(record, observed) ?? []);
  const orphans = new Set([...observed.traces, ...observed.shm].filter((id) => !known.has(id)));
  const removals = [...orphans].map(
    (id) => ({ do: "removeTraces", id, why: "no container has this id" }) as const,
  );
  return [...steps, ...removals];
}

/** Containers whose network and mounts must be left alone. */
export const runningAfter = (steps: readonly RecoveryStep[]): ReadonlySet<string> =>
  new Set(steps.flatMap((step) => (step.do === "adopt" ? [step.id] : [])));
