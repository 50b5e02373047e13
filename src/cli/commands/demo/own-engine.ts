import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { runAll } from "../../../base/async.ts";
import { forbidden } from "../../../base/errors.ts";
import type { Endpoint } from "../../connection/endpoint.ts";
import { startEngine } from "../../engine/start.ts";

/** An engine for one demo that takes all its traces with it. */
export interface OwnEngine {
  readonly endpoint: Endpoint;
  readonly pid: number;
  /** Program and arguments that run a command where the engine's published ports are. */
  readonly inside: readonly string[];
  remove(): Promise<void>;
}

interface Folders {
  readonly data: string;
  /** Short, because socket paths end at 108 bytes. */
  readonly state: string;
}

/**
 * A network namespace whose loopback is up. Bridge, firewall rules and kernel settings of the engine end with it, and
 * never meet those of another engine on the machine.
 */
const OWN_NETWORK = [
  "unshare",
  "--net",
  "--",
  "sh",
  "-c",
  'busybox ip link set lo up && exec "$@"',
  "sh",
] as const;

/** Starts an engine beside whatever else runs on the machine: its own folders, socket and network namespace. */
export async function startOwnEngine(): Promise<OwnEngine> {
  if (process.getuid?.() !== 0) {
    throw forbidden("the demo starts an engine, which needs root; run: sudo ./wharf demo");
  }
  const data = await mkdtemp(join(tmpdir(), "wharf-demo-"));
  const folders = { data, state: await mkdtemp("/run/wharf-demo-") };
  const endpoint = { kind: "unix", path: join(folders.state, "wharf.sock") } as const;
  try {
    const log = join(data, "engine.log");
    const engine = await startEngine(endpoint, flagsFor(folders, endpoint.path), log, OWN_NETWORK);
    return {
      endpoint,
      pid: engine.pid,
      inside: ["nsenter", `--net=/proc/${engine.pid}/ns/net`],
      remove: () => runAll("the demo's engine left traces", [engine.stop, () => removeFolders(folders)]),
    };
  } catch (error) {
    await removeFolders(folders);
    throw error;
  }
}

const flagsFor = ({ data, state }: Folders, socket: string): readonly string[] => [
  `--data-root=${join(data, "data")}`,
  `--exec-root=${join(state, "exec")}`,
  `--pidfile=${join(state, "pid")}`,
  `--host=unix://${socket}`,
];

/** An engine leaves the tmpfs of its state mounted when it stops, for containers that may run on. */
async function removeFolders({ data, state }: Folders): Promise<void> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  const mounts = table.split("\n").map((line) => line.split(" ")[4] ?? "");
  const inside = mounts.filter((path) => path.startsWith(data) || path.startsWith(state)).toReversed();
  await runAll("cannot remove the demo's folders", [
    ...inside.map((path) => () => promisify(execFile)("umount", [path])),
    ...[data, state].map((path) => () => rm(path, { recursive: true, force: true })),
  ]);
}
