import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAll } from "../../../base/async.ts";
import { forbidden, messageOf, systemError } from "../../../base/errors.ts";
import type { Endpoint } from "../../connection/endpoint.ts";
import { startEngine } from "../../engine/start.ts";
import { captureHostState, restoreHostState } from "./host-state.ts";

/** An engine for one demo, with folders of its own, that takes all its traces with it. */
export interface OwnEngine {
  readonly endpoint: Endpoint;
  readonly pid: number;
  remove(): Promise<void>;
}

/**
 * Starts an engine beside whatever else runs on the machine: its own folders and socket and no default bridge (the demo
 * makes a network instead, whose bridge and rules go with it).
 */
export async function startOwnEngine(): Promise<OwnEngine> {
  if (process.getuid?.() !== 0)
    throw forbidden("the demo starts an engine, which needs root; run: sudo ./wharf demo");
  const before = await captureHostState();
  const data = await mkdtemp(join(tmpdir(), "wharf-demo-"));
  const state = await mkdtemp("/run/wharf-demo-");
  const endpoint = { kind: "unix", path: join(state, "wharf.sock") } as const;
  const removeFolders = () =>
    runAll(
      "cannot remove the demo's folders",
      [data, state].map((path) => () => rm(path, { recursive: true, force: true })),
    );
  const flags = [
    `--data-root=${join(data, "data")}`,
    `--exec-root=${join(state, "exec")}`,
    `--pidfile=${join(state, "pid")}`,
    `--host=unix://${endpoint.path}`,
    "--bridge=none",
  ];
  try {
    const engine = await startEngine(endpoint, flags, join(data, "engine.log"));
    return {
      endpoint,
      pid: engine.pid,
      remove: () =>
        runAll("the demo's engine left traces", [engine.stop, () => restoreHostState(before), removeFolders]),
    };
  } catch (error) {
    await restoreHostState(before);
    await removeFolders();
    throw systemError(messageOf(error), error);
  }
}
