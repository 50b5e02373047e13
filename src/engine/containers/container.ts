import type { Exit } from "../../runtime/index.ts";
import type { Health } from "../health/judge.ts";
import type { LogKeeper } from "../logs/keeper.ts";
import type { ContainerRecord } from "./record.ts";
import type { ContainerState } from "./state.ts";

/** What `wait` tells. */
export interface ExitStatus {
  readonly exitCode: number;
  readonly error?: string;
}

/** A client that attached before there was a process. */
export interface PendingAttach {
  connect(): Promise<void>;
  /** The start failed, or the container went away. */
  giveUp(): void;
}

/** Something that goes on while the container runs and must end with it: health probes, exec processes. */
export interface Companion {
  stop(): void;
}

/**
 * The one live object of a container. Its record is what the table holds on disk; the rest lives only as long as the
 * engine. Kept small: a machine may have thousands.
 */
export class Container {
  readonly id: string;
  record: ContainerRecord;
  readonly exitWaits = new Set<(status: ExitStatus) => void>();
  readonly removalWaits = new Set<(status: ExitStatus) => void>();
  readonly pendingAttaches = new Set<PendingAttach>();
  readonly execIds = new Set<string>();
  /** Volumes its latest start has mounted. */
  readonly mounted = new Set<string>();
  health: (Companion & { view(): Health }) | undefined;
  log: LogKeeper | undefined;
  /** A restart that is to come, ms since 1970. */
  restart: { readonly at: number; cancel(): void } | undefined;
  /** Set while a start is between `runtime create` and its commit: an exit that comes then waits here. */
  starting: { exit: Exit | undefined } | undefined;
  /** While a start goes on: resolves when it is over, whatever came of it. */
  launching: Promise<void> | undefined;
  /** It has ended, and what it used is still to be released. */
  unreleased = false;
  /** Verbs that will decide themselves what follows the exit (restart, removal): no policy acts meanwhile. */
  held = 0;
  /** The back-off of the restart policy, in milliseconds. */
  backoff = 0;

  constructor(record: ContainerRecord) {
    this.id = record.id;
    this.record = record;
  }

  get state(): ContainerState {
    return this.record.life.state;
  }

  get name(): string {
    return this.record.name;
  }
}

/** Tells everybody who waits, once. */
export function answer(waits: Set<(status: ExitStatus) => void>, status: ExitStatus): void {
  const waiting = [...waits];
  waits.clear();
  for (const resolve of waiting) resolve(status);
}
