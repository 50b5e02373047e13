import type { ContainerStateAnswer } from "../../schema/container-answer.ts";
import type { ContainerState, ContainerView } from "../ports.ts";
import { humanDuration } from "./human-duration.ts";

/** How Go prints a time that was never set. */
export const ZERO_TIME = "0001-01-01T00:00:00Z";

const isUp = (state: ContainerState): boolean => state.status === "running" || state.status === "paused";

/** Docker's flags, computed from the union; a restarting container counts as running, as there. */
export function encodeState(view: ContainerView): ContainerStateAnswer {
  const { state, health } = view;
  return {
    Status: state.status,
    Running: isUp(state) || state.status === "restarting",
    Paused: state.status === "paused",
    Restarting: state.status === "restarting",
    OOMKilled: "oomKilled" in state && state.oomKilled === true,
    Dead: state.status === "dead",
    Pid: "pid" in state ? state.pid : 0,
    ExitCode: "exitCode" in state ? (state.exitCode ?? 0) : 0,
    Error: "error" in state ? (state.error ?? "") : "",
    StartedAt: ("startedAt" in state && state.startedAt) || ZERO_TIME,
    FinishedAt: ("finishedAt" in state && state.finishedAt) || ZERO_TIME,
    ...(health
      ? { Health: { Status: health.status, FailingStreak: health.failingStreak, Log: health.log } }
      : {}),
  };
}

const healthText = (status: string): string => (status === "starting" ? "health: starting" : status);

/** The `STATUS` column: "Up 5 minutes (healthy)". `now` in milliseconds. */
export function statusText({ state, health }: ContainerView, now: number): string {
  const since = (time: string) => humanDuration(now - Date.parse(time));
  switch (state.status) {
    case "created":
      return "Created";
    case "running": {
      const note = health && health.status !== "none" ? ` (${healthText(health.status)})` : "";
      return `Up ${since(state.startedAt)}${note}`;
    }
    case "paused":
      return `Up ${since(state.startedAt)} (Paused)`;
    case "restarting":
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case "exited":
      return `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case "removing":
      return "Removal In Progress";
    case "dead":
      return "Dead";
  }
}
