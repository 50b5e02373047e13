import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { systemError } from "../../base/errors.ts";
import { type Endpoint, formatEndpoint } from "../connection/endpoint.ts";
import { ENGINE_COMMAND } from "./place.ts";

/** An engine answers when it has started what restart policies want running, which may wait for plugins. */
const PATIENCE_MS = 120_000;

/** Whether something accepts connections there. */
export function answers(endpoint: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    if (endpoint.kind === "ssh") return resolve(true);
    const socket = endpoint.kind === "unix" ? connect(endpoint.path) : connect(endpoint.port, endpoint.host);
    const done = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}

/** An engine that this process started. */
export interface StartedEngine {
  readonly pid: number;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

/**
 * Starts wharfd in the background with `flags` (which make it listen at `endpoint`) and waits until it does. Its log
 * goes to `logPath`; when it ends early, the error carries what it said last.
 */
export async function startEngine(
  endpoint: Endpoint,
  flags: readonly string[],
  logPath: string,
  /** Program and arguments that run wharfd in surroundings of its own; they must become it (exec), not start it. */
  within: readonly string[] = [],
): Promise<StartedEngine> {
  const log = openSync(logPath, "a", 0o600);
  const [program = "", ...rest] = [...within, ...ENGINE_COMMAND, ...flags];
  const child = spawn(program, rest, { cwd: "/", detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  await untilItAnswers(child, endpoint, logPath);
  child.unref();
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.ref();
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function untilItAnswers(child: ChildProcess, endpoint: Endpoint, logPath: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await answers(endpoint))) {
    const ended = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > deadline) {
      if (!ended) child.kill("SIGTERM");
      const said = readFileSync(logPath, "utf8").trimEnd().split("\n").slice(-10).join("\n");
      throw systemError(`the engine did not start at ${formatEndpoint(endpoint)}; it said:\n${said}`);
    }
    await sleep(5);
  }
}
