import { invalidParameter } from "../../base/errors.ts";
import type { LogEntry } from "../../runtime/index.ts";
import { isReadable } from "../logs/drivers.ts";
import { detailsOf } from "../logs/source.ts";
import type { Labels } from "../views.ts";
import type { Container } from "./container.ts";
import { nextExit, within } from "./end.ts";
import type { Kit } from "./kit.ts";
import { logPath } from "./paths.ts";
import { isActive } from "./state.ts";

export interface LogsRequest {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** RFC 3339. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** Last n lines; undefined for all. */
  readonly tail: number | undefined;
}

export interface Logs {
  /** Some lines at a time. */
  readonly lines: AsyncIterable<readonly LogEntry[]>;
  /** What the log options say about the container. */
  readonly details: Labels | undefined;
}

/**
 * Milliseconds. A start answers before the process has said a word. Docker's takes so much longer that scripts and tests
 * ask for the log right after it, and expect what a short command has to say.
 */
const FIRST_WORDS = 100;

/** What the container has written, and with `follow` what it writes until it ends. */
export async function logs(
  kit: Kit,
  reference: string,
  request: LogsRequest,
  signal: AbortSignal,
): Promise<Logs> {
  const container = kit.table.resolve(reference);
  const path = logPath(kit.settings, container.record);
  const { LogConfig } = container.record.document.hostConfig;
  if (path === undefined || !isReadable(LogConfig))
    throw invalidParameter("configured logging driver does not support reading");
  const details = detailsOf(container.record, LogConfig?.Config ?? {}, kit.settings.hostname);
  return { lines: read(kit, container, path, request, signal), details };
}

function read(
  kit: Kit,
  container: Container,
  path: string,
  request: LogsRequest,
  signal: AbortSignal,
): AsyncIterable<readonly LogEntry[]> {
  const { since, until, tail } = request;
  if (!request.follow || !isActive(container.state)) {
    const written = kit.runtime.readLog(path, { since, until, tail, follow: false, signal });
    return afterFirstWords(container, written);
  }
  const { exited, forget } = nextExit(container);
  return untilDone(
    kit.runtime.readLog(path, { since, until, tail, follow: true, ended: exited, signal }),
    forget,
  );
}

async function* afterFirstWords<T>(container: Container, lines: AsyncIterable<T>): AsyncGenerator<T> {
  const { state, record } = container;
  // with its end an auto-removed container's log would be gone
  if (state.status === "running" && !record.document.hostConfig.AutoRemove) {
    const rest = FIRST_WORDS - (Date.now() - Date.parse(state.startedAt));
    const { exited, forget } = nextExit(container);
    if (rest > 0) await within(exited, Math.min(rest, FIRST_WORDS));
    forget();
  }
  yield* lines;
}

async function* untilDone<T>(lines: AsyncIterable<T>, forget: () => void): AsyncGenerator<T> {
  try {
    yield* lines;
  } finally {
    forget();
  }
}
