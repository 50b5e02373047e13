import { conflict } from "../../base/errors.ts";
import type { OutputChunk, Stdio } from "../../runtime/index.ts";
import { type AttachedStdio, LiveConnection } from "../attach/connection.ts";
import type { Container } from "./container.ts";
import { nextExit, within } from "./end.ts";
import { alone, type Kit } from "./kit.ts";
import { logPath } from "./paths.ts";
import { publish } from "./publish.ts";
import { isRunning } from "./state.ts";

export interface AttachRequest {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Replay the log first. */
  readonly logs: boolean;
  /** Stay for what is to come. */
  readonly stream: boolean;
}

/**
 * Connects a client to a container's stdio. Each client has a connection of its own to the monitor, so one that does
 * not read holds back its own stream first. Before the start, the connection is made when the process exists and
 * before it runs. With `logs`, what the log has up to the moment of the connection comes first.
 */
export async function attach(
  kit: Kit,
  reference: string,
  request: AttachRequest,
  signal: AbortSignal,
): Promise<AttachedStdio> {
  const container = kit.table.resolve(reference);
  refuseAttach(container);
  const connection = new LiveConnection(() => kit.runtime.attach(container.id, { stdin: request.stdin }));
  // A start in progress is over when this has its turn: then there is a process, or there is not.
  await alone(kit, container, () => connect(container, connection, request));
  signal.addEventListener("abort", () => connection.close(), { once: true });
  publish(kit, container, "attach");
  const replay = request.logs ? replayLog(kit, container, new Date().toISOString(), signal) : undefined;
  return {
    output: output(container, connection, request, replay),
    write: (data) => (request.stdin ? connection.write(data) : Promise.resolve()),
    end: () => (request.stdin ? connection.end() : Promise.resolve()),
    close: () => connection.close(),
  };
}

function refuseAttach({ id, state }: Container): void {
  if (state.status === "paused")
    throw conflict(`container ${id} is paused, unpause the container before attach`);
  if (state.status === "restarting")
    throw conflict(`container ${id} is restarting, wait until the container is running`);
  if (state.status === "removing" || state.status === "dead")
    throw conflict(`container ${id} is being removed`);
}

async function connect(
  container: Container,
  connection: LiveConnection,
  { stream }: AttachRequest,
): Promise<void> {
  if (!stream) return connection.giveUp();
  if (isRunning(container.state)) return connection.connect();
  container.pendingAttaches.add(connection);
  connection.onClose(() => void container.pendingAttaches.delete(connection));
}

async function* replayLog(
  kit: Kit,
  container: Container,
  until: string,
  signal: AbortSignal,
): AsyncGenerator<OutputChunk> {
  const path = logPath(kit.settings, container.record);
  if (path === undefined) return;
  for await (const entries of kit.runtime.readLog(path, { until, follow: false, signal }))
    for (const { stream, data } of entries) yield { stream, data: Buffer.from(data) };
}

/** How long the end of the output waits for the exit; a process may have closed its output and go on. Milliseconds. */
const EXIT_PATIENCE = 1_000;

/** Clients take the end of the output for the end of the container, and remove it: its exit has to be known by then. */
async function exitKnown(container: Container): Promise<void> {
  if (!isRunning(container.state)) return;
  const { exited, forget } = nextExit(container);
  if (!(await within(exited, EXIT_PATIENCE))) forget();
}

async function* output(
  container: Container,
  connection: LiveConnection,
  { stdout, stderr }: AttachRequest,
  replay: AsyncIterable<OutputChunk> | undefined,
): AsyncGenerator<OutputChunk> {
  const wanted = ({ stream }: OutputChunk) => (stream === "stdout" ? stdout : stderr);
  try {
    if (replay) for await (const chunk of replay) if (wanted(chunk)) yield chunk;
    const stdio: Stdio | undefined = await connection.stdio;
    if (stdio) for await (const chunk of stdio.output()) if (wanted(chunk)) yield chunk;
    if (stdio && !connection.isClosed) await exitKnown(container);
  } finally {
    connection.close();
  }
}
