import { invalidParameter } from "../../base/errors.ts";
import type { LogEntry } from "../../runtime/index.ts";
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

/** What the container has written, and with `follow` what it writes until it ends. */
export async function logs(
  kit: Kit,
  reference: string,
  request: LogsRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<LogEntry>> {
  const container = kit.table.resolve(reference);
  const path = logPath(kit.settings, container.record);
  if (path === undefined) throw invalidParameter("configured logging driver does not support reading");
  const { since, until, tail } = request;
  if (!request.follow || !isActive(container.state))
    return kit.runtime.readLog(path, { since, until, tail, follow: false, signal });
  const { exited, forget } = nextExit(container);
  return untilDone(
    kit.runtime.readLog(path, { since, until, tail, follow: true, ended: exited, signal }),
    forget,
  );
}

async function* untilDone(entries: AsyncIterable<LogEntry>, forget: () => void): AsyncGenerator<LogEntry> {
  try {
    yield* entries;
  } finally {
    forget();
  }
}
