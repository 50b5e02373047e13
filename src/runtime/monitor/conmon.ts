import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { systemError } from "../../base/errors.ts";
import type { Bundle } from "./layout.ts";

/** What one conmon process is to do; see conmon(8). */
export interface MonitorRequest {
  readonly conmon: string;
  /** The container's id, for an exec that of the container it runs in. */
  readonly id: string;
  readonly bundle: Bundle;
  /** Command and arguments of the OCI runtime in front of `create` or `exec`. */
  readonly runtime: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly leaveStdinOpen: boolean;
  readonly logPath?: string;
  readonly exitFolder?: string;
  readonly exec?: { readonly processFile: string; readonly attach: boolean };
}

/** Arguments of conmon. Pure. */
export function monitorArguments(request: MonitorRequest): string[] {
  const { bundle, exec } = request;
  const [runtime, ...runtimeArguments] = request.runtime;
  const args = ["--api-version", "1", "--sync", "--full-attach", "--no-sync-log", "--log-level", "error"];
  args.push("-c", request.id, "-u", request.id, "-b", bundle.folder, "-p", bundle.pidFile);
  // A colon would end the path, so logs with one in it are reached through their folder by the caller.
  args.push("-l", request.logPath === undefined ? "none" : `k8s-file:${request.logPath}`);
  if (request.tty) args.push("-t");
  if (request.stdin) args.push("-i");
  if (request.leaveStdinOpen) args.push("--leave-stdin-open");
  if (request.exitFolder) args.push("--exit-dir", request.exitFolder);
  if (exec) args.push("-e", "--exec-process-spec", exec.processFile);
  if (exec?.attach) args.push("--exec-attach");
  args.push("-r", runtime ?? "", ...runtimeArguments.flatMap((argument) => ["--runtime-arg", argument]));
  return args;
}

/** A line that conmon writes into its sync pipe: a pid (or an exit code), or -1 and the runtime's complaint. */
export interface SyncMessage {
  readonly data: number;
  readonly message?: string;
}

/**
 * One line of the sync pipe. conmon escapes quotes, backslashes and control characters, but passes bytes that are not
 * UTF-8 and a few broken escapes (`\u000a` without padding) on, so a line that is no JSON is still worth its text.
 */
export function parseSyncMessage(line: string): SyncMessage {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && "data" in value && typeof value.data === "number") {
      const message = "message" in value && typeof value.message === "string" ? value.message : undefined;
      return message === undefined ? { data: value.data } : { data: value.data, message };
    }
  } catch {
    const data = /"data":\s*(-?\d+)/.exec(line)?.[1];
    if (data !== undefined) return { data: Number(data), message: line };
  }
  throw systemError(`the monitor answered with something unknown: ${line.slice(0, 200)}`);
}

/** A started conmon. It is our child, but outlives us. */
export interface Monitor {
  readonly pid: number;
  readonly ended: Promise<void>;
  /** The next line of the sync pipe; undefined at its end. */
  next(): Promise<SyncMessage | undefined>;
  /** Resolves when an exec's attach socket can be connected. */
  readonly attachable: Promise<void>;
  /** Lets an exec with attach run. */
  release(): void;
  /** Lets go of the pipes, so that they do not keep this process alive. */
  detach(): void;
}

async function* linesOf(stream: Readable): AsyncGenerator<string, undefined> {
  let rest = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest) yield rest;
}

const SYNC_FD = 3;
const ATTACH_FD = 4;
const START_FD = 5;

function spawnConmon(request: MonitorRequest, environment: Readonly<Record<string, string>>): ChildProcess {
  const attach = request.exec?.attach === true;
  return spawn(request.conmon, monitorArguments(request), {
    // conmon leaves its `oom` file in its working directory.
    cwd: request.bundle.folder,
    env: {
      ...environment,
      _OCI_SYNCPIPE: String(SYNC_FD),
      ...(attach && { _OCI_ATTACHPIPE: String(ATTACH_FD), _OCI_STARTPIPE: String(START_FD) }),
    },
    stdio: ["ignore", "ignore", "ignore", "pipe", ...(attach ? (["pipe", "pipe"] as const) : [])],
    detached: true,
  });
}

/** Starts conmon. Rejects when it cannot be run at all. */
export async function startMonitor(
  request: MonitorRequest,
  environment: Readonly<Record<string, string>>,
): Promise<Monitor> {
  const child = spawnConmon(request, environment);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  if (child.pid === undefined) {
    return failed.catch((error) => {
      throw systemError(
        `cannot run the container monitor ${request.conmon}: install conmon or set its path`,
        error,
      );
    });
  }
  const pipes: readonly unknown[] = child.stdio;
  const sync = pipes[SYNC_FD] as Readable;
  const attach = pipes[ATTACH_FD] as Readable | undefined;
  const start = pipes[START_FD] as Writable | undefined;
  const lines = linesOf(sync);
  // conmon blocks on the start pipe twice: before it does anything, and again before the exec itself.
  start?.write("\n");
  return {
    pid: child.pid,
    ended,
    next: async () => {
      const { value } = await lines.next();
      return value === undefined ? undefined : parseSyncMessage(value);
    },
    attachable: attach
      ? linesOf(attach)
          .next()
          .then(() => undefined)
      : Promise.resolve(),
    release: () => start?.end("\n"),
    detach: () => {
      child.unref();
      for (const stream of [sync, attach, start]) stream?.destroy();
    },
  };
}
