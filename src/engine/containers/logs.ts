import { invalidParameter } from "../../base/errors.ts";
import type { LogEntry } from "../../runtime/index.ts";
import { isReadable } from "../logs/drivers.ts";
import { detailsOf } from "../logs/source.ts";
import type { Labels } from "../views.ts";
import type { Container } from "./container.ts";
import { nextExit } from "./end.ts";
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

/** A line with what the log options say about its container. */
export interface LoggedLine extends LogEntry {
  readonly attributes?: Labels;
}

/** What the container has written, and with `follow` what it writes until it ends. */
export async function logs(
  kit: Kit,
  reference: string,
  request: LogsRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<LoggedLine>> {
  const container = kit.table.resolve(reference);
  const path = logPath(kit.settings, container.record);
  const { LogConfig } = container.record.document.hostConfig;
  if (path === undefined || !isReadable(LogConfig))
    throw invalidParameter("configured logging driver does not support reading");
  const details = detailsOf(container.record, LogConfig?.Config ?? {}, kit.settings.hostname);
  const entries = read(kit, container, path, request, signal);
  return details ? withDetails(entries, details) : entries;
}

function read(
  kit: Kit,
  container: Container,
  path: string,
  request: LogsRequest,
  signal: AbortSignal,
): AsyncIterable<LogEntry> {
  const { since, until, tail } = request;
  if (!request.follow || !isActive(container.state))
    return kit.runtime.readLog(path, { since, until, tail, follow: false, signal });
  const { exited, forget } = nextExit(container);
  return untilDone(
    kit.runtime.readLog(path, { since, until, tail, follow: true, ended: exited, signal }),
    forget,
  );
}

async function* withDetails(
  entries: AsyncIterable<LogEntry>,
  attributes: Labels,
): AsyncGenerator<LoggedLine> {
  for await (const entry of entries) yield { ...entry, attributes };
}

async function* untilDone(entries: AsyncIterable<LogEntry>, forget: () => void): AsyncGenerator<LogEntry> {
  try {
    yield* entries;
  } finally {
    forget();
  }
}
