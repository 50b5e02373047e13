import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { runAll } from "../../../base/async.ts";
import { forbidden } from "../../../base/errors.ts";
import type { Endpoint } from "../../connection/endpoint.ts";
import { startEngine } from "../../engine/start.ts";
import { captureHostState, restoreHostState } from "./host-state.ts";

/** An engine for one demo, with folders of its own, that takes all its traces with it. */
export interface OwnEngine {
  readonly endpoint: Endpoint;
  readonly pid: number;
  remove(): Promise<void>;
}

interface Folders {
  readonly data: string;
  /** Short, because socket paths end at 108 bytes. */
  readonly state: string;
}

/**
 * Starts an engine beside whatever else runs on the machine: its own folders and socket and no default bridge (the demo
 * makes a network instead, whose bridge and rules go with it).
 */
export async function startOwnEngine(): Promise<OwnEngine> {
  if (process.getuid?.() !== 0) {
    throw forbidden("the demo starts an engine, which needs root; run: sudo ./wharf demo");
  }
  const before = await captureHostState();
  const folders = {
    data: await mkdtemp(join(tmpdir(), "wharf-demo-")),
    state: await mkdtemp("/run/wharf-demo-"),
  };
  const endpoint = { kind: "unix", path: join(folders.state, "wharf.sock") } as const;
  const tidyUp = [() => restoreHostState(before), () => removeFolders(folders)];
  try {
    const engine = await startEngine(
      endpoint,
      flagsFor(folders, endpoint.path),
      join(folders.data, "engine.log"),
    );
    const remove = () => runAll("the demo's engine left traces", [engine.stop, ...tidyUp]);
    return { endpoint, pid: engine.pid, remove };
  } catch (error) {
    await runAll("the demo's engine left traces", tidyUp);
    throw error;
  }
}

const flagsFor = ({ data, state }: Folders, socket: string): readonly string[] => [
  `--data-root=${join(data, "data")}`,
  `--exec-root=${join(state, "exec")}`,
  `--pidfile=${join(state, "pid")}`,
  `--host=unix://${socket}`,
  "--bridge=none",
];

/** An engine leaves the tmpfs of its state mounted when it stops, for containers that may run on. */
async function removeFolders({ data, state }: Folders): Promise<void> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8"))
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  const inside = mounts.filter((path) => path.startsWith(data) || path.startsWith(state)).toReversed();
  await runAll("cannot remove the demo's folders", [
    ...inside.map((path) => () => promisify(execFile)("umount", [path])),
    ...[data, state].map((path) => () => rm(path, { recursive: true, force: true })),
  ]);
}
