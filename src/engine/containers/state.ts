/** Where a container is in its life. Docker's flags (Running, Paused, ...) are computed from this for clients. */
export type ContainerState =
  | { readonly status: "created"; readonly error?: string; readonly exitCode?: number }
  | {
      readonly status: "running";
      readonly pid: number;
      readonly startedAt: string;
      /** It ran out of memory in this run, and goes on. */
      readonly oomKilled?: true;
    }
  | {
      readonly status: "paused";
      readonly pid: number;
      readonly startedAt: string;
      readonly oomKilled?: true;
      /** By the engine, for the time of a copy: whoever finds it so after a crash thaws it. */
      readonly briefly?: true;
    }
  | {
      readonly status: "restarting";
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly oomKilled: boolean;
    }
  | {
      readonly status: "exited";
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly oomKilled: boolean;
      readonly error?: string;
    }
  | {
      readonly status: "removing";
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
    }
  | {
      readonly status: "dead";
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
    };

/** What happened to it. */
export type StateEvent =
  | { readonly type: "started"; readonly pid: number; readonly at: string }
  | { readonly type: "startFailed"; readonly exitCode: number; readonly error: string; readonly at: string }
  | {
      readonly type: "exited";
      readonly exitCode: number;
      readonly at: string;
      readonly oomKilled: boolean;
      /** What comes after: decided by the restart policy and AutoRemove. */
      readonly next: "restart" | "remove" | "rest";
    }
  | { readonly type: "paused"; readonly briefly?: true }
  | { readonly type: "resumed" }
  | { readonly type: "outOfMemory" }
  | { readonly type: "restartCancelled" }
  | { readonly type: "removalStarted" }
  | { readonly type: "removalFailed" };

/** What must be done because of a transition, in this order. */
export type Effect = "answerExitWaits" | "scheduleRestart" | "autoRemove" | "tearDown";

export interface Transition {
  readonly state: ContainerState;
  readonly effects: readonly Effect[];
}

/** When there never was a start, Docker shows Go's zero time. */
export const NEVER = "0001-01-01T00:00:00Z";

export const isRunning = (state: ContainerState): state is Extract<ContainerState, { pid: number }> =>
  state.status === "running" || state.status === "paused";

/** Docker counts a container that waits for its restart as running. */
export const isActive = (state: ContainerState): boolean => isRunning(state) || state.status === "restarting";

/** Exit code and times as far as the state knows them. */
export function facts(state: ContainerState): { exitCode: number; startedAt: string; finishedAt: string } {
  return {
    exitCode: "exitCode" in state ? (state.exitCode ?? 0) : 0,
    startedAt: "startedAt" in state ? state.startedAt : NEVER,
    finishedAt: "finishedAt" in state ? state.finishedAt : NEVER,
  };
}

/** In the run that goes on, or in the last one. */
export const ranOutOfMemory = (state: ContainerState): boolean =>
  "oomKilled" in state && state.oomKilled === true;

const stay = (state: ContainerState): Transition => ({ state, effects: [] });
const AFTER_EXIT = { restart: "scheduleRestart", remove: "autoRemove", rest: "tearDown" } as const;

function exited(state: ContainerState, event: Extract<StateEvent, { type: "exited" }>): Transition {
  if (!isRunning(state)) return stay(state);
  const { exitCode, at: finishedAt } = event;
  const oomKilled = event.oomKilled || ranOutOfMemory(state);
  const status = event.next === "restart" ? "restarting" : "exited";
  return {
    state: { status, exitCode, startedAt: state.startedAt, finishedAt, oomKilled },
    effects: ["answerExitWaits", AFTER_EXIT[event.next]],
  };
}

function startFailed(state: ContainerState, event: Extract<StateEvent, { type: "startFailed" }>): Transition {
  const { exitCode, error } = event;
  if (state.status === "created") return stay({ status: "created", exitCode, error });
  const { startedAt, finishedAt } = facts(state);
  return stay({ status: "exited", exitCode, error, startedAt, finishedAt, oomKilled: false });
}

function restartCancelled(state: ContainerState): Transition {
  if (state.status !== "restarting") return stay(state);
  return stay({ ...state, status: "exited" });
}

type Paused = Extract<ContainerState, { status: "paused" }>;

const resumed = ({ briefly: _over, ...state }: Paused): ContainerState => ({ ...state, status: "running" });

/** The state machine: what an event makes of a state. An event that does not apply changes nothing. */
export function transition(state: ContainerState, event: StateEvent): Transition {
  switch (event.type) {
    case "started":
      return stay({ status: "running", pid: event.pid, startedAt: event.at });
    case "startFailed":
      return startFailed(state, event);
    case "exited":
      return exited(state, event);
    case "paused":
      return state.status === "running"
        ? stay({ ...state, status: "paused", ...(event.briefly ? { briefly: true } : {}) })
        : stay(state);
    case "resumed":
      return state.status === "paused" ? stay(resumed(state)) : stay(state);
    case "outOfMemory":
      return isRunning(state) ? stay({ ...state, oomKilled: true }) : stay(state);
    case "restartCancelled":
      return restartCancelled(state);
    case "removalStarted":
      return stay({ status: "removing", ...facts(state) });
    case "removalFailed":
      return state.status === "removing" ? stay({ status: "dead", ...facts(state) }) : stay(state);
  }
}
